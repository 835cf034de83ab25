# addon/inspector/texts.py: views as texts in the editor, which files never keep unless the user renames them.

import bpy

_LONGEST = 60  # Blender cuts names at 63 bytes

#: Names of our texts, each with what makes its content anew.
_open = {}
_put_away = []  # while a file is saved: (name, content, cursor's line, spaces that show it)


def name_of(view, info):
    """By signature, view and expression: what comes last may be cut."""
    expression = info.expressions[0] if info.expressions else ""
    return cut(f"{view} {info.signature[:8]} {expression}")


def cut(name):
    """As many whole characters as a name may have."""
    return name.encode()[:_LONGEST].decode(errors="ignore").rstrip()


def show(name, content, context):
    """Opens a text, or fills the one that is there; in the editor at hand if there is one."""
    text = bpy.data.texts.get(name)
    if text is None or name not in _open:
        text = bpy.data.texts.new(name)
    text.clear()
    text.write(content)
    text.cursor_set(0) if hasattr(text, "cursor_set") else None
    _open[text.name] = True
    space = context.space_data
    if space is None or space.type != "TEXT_EDITOR":
        space = next((area.spaces.active for window in context.window_manager.windows
                      for area in window.screen.areas if area.type == "TEXT_EDITOR"), None)
    if space is not None:
        space.text = text
        space.top = 0
    return text


def _spaces():
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for space in area.spaces:
                if space.type == "TEXT_EDITOR":
                    yield space


@bpy.app.handlers.persistent
def before_saving(*_):
    """Takes our texts out of the file; one that was renamed is the user's."""
    _put_away.clear()
    for name in list(_open):
        text = bpy.data.texts.get(name)
        if text is None:
            del _open[name]
            continue
        shown = [space for space in _spaces() if space.text == text]
        _put_away.append((name, text.as_string(), [(space, space.top) for space in shown]))
        bpy.data.texts.remove(text)


@bpy.app.handlers.persistent
def after_saving(*_):
    """Puts them back where they were."""
    for name, content, shown in _put_away:
        text = bpy.data.texts.new(name)
        text.write(content)
        text.cursor_set(0) if hasattr(text, "cursor_set") else None
        if text.name != name:  # another of that name came meanwhile
            _open.pop(name, None)
            _open[text.name] = True
        for space, top in shown:
            space.text = text
            space.top = top
    _put_away.clear()


@bpy.app.handlers.persistent
def after_loading(*_):
    """Another file: a text of the same name would be the user's."""
    _open.clear()
    _put_away.clear()


def _handlers():
    handlers = bpy.app.handlers
    pairs = [(handlers.save_pre, before_saving), (handlers.save_post, after_saving),
             (handlers.load_post, after_loading)]
    if hasattr(handlers, "save_post_fail"):  # Blender 4.0
        pairs.append((handlers.save_post_fail, after_saving))
    return pairs


def register():
    for handlers, handler in _handlers():
        handlers.append(handler)


def unregister():
    for handlers, handler in _handlers():
        if handler in handlers:  # a script may have cleared them
            handlers.remove(handler)
    _open.clear()
