# cmake/run/bench.sh: demo, benchmarks and long random campaigns.

# run_demo [VERSION]: in the newest Blender, or the one asked for.
run_demo() {
  local version=${1:-5.2}
  run_blender "$version" -- -b --python "$root/bench/demo.py" -- "${@:2}"
}

# run_bench [--json FOLDER] [PART...]
run_bench() {
  local folder='' chosen=() part program status=0 json=()
  while (($#)); do
    case $1 in
    --json) folder=$(realpath -m "${2:?--json needs a folder}") && shift 2 ;;
    kernels | 3.4 | 4.3 | 5.2) chosen+=("$1") && shift ;;
    *) die "no such part: $1 (there are: kernels ${versions[*]})" ;;
    esac
  done
  ((${#chosen[@]})) || chosen=(kernels "${versions[@]}")
  [[ -z $folder ]] || mkdir -p "$folder"
  for part in "${chosen[@]}"; do
    if [[ $part == kernels ]]; then
      build_preset release "$build" || return
      say "kernels against memcpy"
      for program in "$build"/bench/*; do
        [[ -f $program && -x $program ]] || continue
        [[ -z $folder ]] || json=(--benchmark_out_format=json "--benchmark_out=$folder/$(basename "$program").json")
        "$program" "${json[@]}" || status=1
      done
    else
      [[ -z $folder ]] || json=(--json "$folder/blender-$part.json")
      (run_blender "$part" -- -b --python "$root/bench/in_blender.py" -- "${json[@]}") || status=1
    fi
  done
  return "$status"
}

# run_fuzz [SECONDS]: the property tests, on and on with new seeds, in the sanitized build too.
run_fuzz() {
  local seconds=${1:-600} preset program end status=0
  for preset in release asan; do
    build_preset "$preset" "$root/build/$preset" || return
    end=$((SECONDS + seconds / 2))
    say "random campaigns, $preset, $((seconds / 2)) s"
    while ((SECONDS < end)); do
      export RNASLICER_SEED=$RANDOM$RANDOM
      for program in "$root/build/$preset"/tests/*/*_tests; do
        [[ -x $program ]] || continue
        # Those with Python inside count leaks themselves; Python keeps objects to the end.
        ASAN_OPTIONS=detect_leaks=0 "$program" --gtest_brief=1 --gtest_filter='*Random*:*Property*:*Fuzz*' ||
          { warn "RNASLICER_SEED=$RNASLICER_SEED $program" && status=1; }
      done
      ((status == 0)) || break
    done
  done
  return "$status"
}
