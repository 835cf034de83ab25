# cmake/run/bench.sh: demo, benchmarks and long random campaigns.

# run_demo [VERSION [ARGS for bench/demo.py]]: its table, and the chart of it in docs/.
run_demo() {
  local version=${1:-5.2} figures
  [[ " ${versions[*]} " == *" $version "* ]] || die "which Blender? one of: ${versions[*]}"
  need "${packages_demo[@]}" || die "cannot install what the chart needs"
  figures=$(mktemp "$cache/demo-XXXXXX.json")
  (run_blender "$version" -- -b --python "$root/bench/demo.py" -- --json "$figures" "${@:2}") ||
    die "the demo failed in Blender $version"
  /usr/bin/python3 "$root/bench/chart.py" "$figures" "$root/docs/demo.png" || die "no chart"
  rm -f "$figures"
  say "chart: docs/demo.png"
}

# run_bench [--json FOLDER] [PART...]
run_bench() {
  local folder='' chosen=() part status=0 json=()
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
      build_preset release "$build" kernels || return
      say "kernels against memcpy"
      [[ -z $folder ]] || json=(--benchmark_out_format=json "--benchmark_out=$folder/kernels.json")
      "$build/bench/kernels" "${json[@]}" || status=1
    else
      say "Blender $part"
      [[ -z $folder ]] || json=(--json "$folder/blender-$part.json")
      (run_blender "$part" -- -b --python "$root/bench/in_blender.py" -- "${json[@]}") || status=1
    fi
  done
  return "$status"
}

# run_fuzz [SECONDS]: whatever is random in the tests, with new seeds, until the time is up or
# something fails. The seed that failed is printed; RNASLICER_SEED=… repeats it.
run_fuzz() {
  local seconds=${1:-600} start rounds=0 version
  build_preset release "$build" && build_preset asan "$root/build/asan" && build_addon || exit 1
  for version in "${versions[@]}"; do
    ensure_blender "$version" && ensure_profile "$version" || exit 1
  done
  start=$SECONDS
  while ((SECONDS - start < seconds)); do
    export RNASLICER_SEED=$((RANDOM * 32768 + RANDOM))
    say "seed $RNASLICER_SEED, $((seconds - SECONDS + start)) s to go"
    fuzz_round || die "failed with RNASLICER_SEED=$RNASLICER_SEED"
    rounds=$((rounds + 1))
  done
  say "$rounds rounds without a failure"
}

fuzz_round() {
  local folder program version
  for folder in "$build" "$root/build/asan"; do
    for program in "$folder"/tests/*/*_tests; do
      # Python's interned objects look like leaks.
      ASAN_OPTIONS=detect_leaks=0 "$program" --gtest_brief=1 --gtest_filter='*Random*:*EmittedPlans*' || return
    done
  done
  PYTHONPATH=$build/package /usr/bin/python3 -m unittest discover -q -s "$root/tests/memcache" -p 'test_random.py' || return
  for version in "${versions[@]}"; do
    (RNASLICER_BUILT=1 run_blender "$version" -- -b --python "$root/tests/blender/run_in_blender.py" -- -k random) || return
  done
}
