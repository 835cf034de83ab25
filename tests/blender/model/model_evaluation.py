# tests/blender/model/model_evaluation.py: the model campaign's steps that have Blender evaluate or render
import bpy


class Evaluation:
    """Part of the campaign (model_steps.py)."""

    def do_evaluate(self, a, b, c):
        """Now and then with a handler that uses a wrapper."""
        for number in self.state.ids:
            self.id(number).update_tag()
        if self.editing is None:
            self.evaluated = {(number, path): layer.values[:] for number, ob in self.state.of("objects")
                              if ob.data is not None and self.state.ids[ob.data].home == "meshes"
                              and not self.state.ids[ob.data].keyed
                              for path, layer in self.state.ids[ob.data].layers.items()
                              if path[0] in ("vertices", "attribute", "uv")}
        trouble, done, handlers = [], [], bpy.app.handlers.depsgraph_update_post

        def handler(*_):
            handlers.remove(handler)  # an update tags, and would call it again
            try:
                done.append((self.do_update if b % 2 else self.do_refresh)(a, b, c))
            except Exception as error:
                trouble.append(error)
        if b % 3 == 0 and self.editing is None:
            handlers.append(handler)
        bpy.context.view_layer.update()
        if handler in handlers:
            handlers.remove(handler)
        if trouble:
            raise trouble[0]
        if done and done[0] and b % 2:
            self.evaluated = {}  # Blender evaluates once more what a handler has changed
        self.after_event()
        return f"in a handler {done[0]}" if done and done[0] else ""

    def do_frame(self, a, b, c):
        bpy.context.scene.frame_set(a % 20)
        self.after_event()
        return ""

    def do_render(self, a, b, c):
        if self.editing is not None:
            return None
        import addon_utils
        addon_utils.enable("cycles")
        scene = bpy.context.scene
        camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
        scene.collection.objects.link(camera)
        scene.camera = camera
        scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
        bpy.ops.render.render()
        bpy.data.cameras.remove(camera.data)
        self.dirty = True
        return ""
