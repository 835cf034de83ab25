# cmake/run/sanitize.sh: the in-Blender tests once with the module built for ASan.

# What touches every route and what fails on purpose; everything would take too long.
asan_tests=test_routes,test_shapes,test_dtype,test_update,test_expressions,test_refusals,test_lifetime,test_traps
asan_tests+=,test_large,test_random_slices,test_failure,test_lists,test_weights,test_layers,test_copy_on_write
asan_tests+=,test_building,test_scripts_within,test_layer_names,test_flat_matrices,test_trails,test_ways.,test_read_write
asan_tests+=,test_given,test_held,test_passing,test_groups,test_instances,test_depsgraphs_evaluated,test_types_change,test_hostile_calls

# test_asan_blender: Blender 3.4 is of our own system, so that the libraries fit. Blender itself is not
# built for ASan, but its allocations are seen: the interpreter moves the bytes, not compiled code.
test_asan_blender() {
  local runtime module=$root/build/asan/package reports=$scratch/asan
  runtime=$(realpath "$(g++ -print-file-name=libasan.so)")
  local -a watched=(env LD_PRELOAD="$runtime" PYTHONPATH="$module" XDG_CACHE_HOME="$scratch/cache-asan"
    UBSAN_OPTIONS=print_stacktrace=1
    ASAN_OPTIONS="detect_leaks=0:halt_on_error=0:detect_odr_violation=0:allocator_may_return_null=1:stack_trace_format='    #%n %p in %f %s (%m)':log_path=$reports/report"
    /usr/bin/blender -b --factory-startup --python-use-system-env --python-exit-code 1
    --python "$root/tests/blender/asan/without_jit.py")
  mkdir -p "$reports"
  if ! ensure_blender 3.4 || ! "${watched[@]}" --python-expr 'print("it", "runs")' 2>/dev/null | grep -q '^it runs$'; then
    warn "SKIPPED: ASan cannot be loaded into Blender 3.4"
    count 0 0 1
    return
  fi
  say "tests in Blender 3.4 with ASan"
  "${watched[@]}" --python "$root/tests/blender/asan/overflow.py" >/dev/null 2>&1
  if /usr/bin/python3 "$root/tests/blender/asan/reports.py" "$reports" >/dev/null; then
    warn "ASan sees nothing here: not even an overflow made for it"
    count_failed "ASan: blind"
    return
  fi
  rm -f "$reports"/*
  /usr/bin/python3 "$root/tests/blender/campaign.py" --title "3.4, ASan" --counts "$scratch/counts" \
    --discovery "$cache/discovery-of-tests" -k "$asan_tests" -- "${watched[@]}"
  count_file "Blender 3.4, ASan" "$scratch/counts"
  rm -f "$scratch/counts"
  if /usr/bin/python3 "$root/tests/blender/asan/reports.py" "$reports"; then count 1 0 0; else count_failed "ASan: reports"; fi
}
