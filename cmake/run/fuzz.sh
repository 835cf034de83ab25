# cmake/run/fuzz.sh: fuzzers, and long random campaigns.

fuzz_targets=(expression plan disk walks)
fuzz_found=$cache/fuzz # what grew, and what failed

# build_fuzzers: sets $fuzzers to the folder of the targets. libFuzzer's where there is clang, else
# our own blind driver under gcc's ASan.
build_fuzzers() {
  if need "${packages_fuzz[@]}" && build_preset fuzz "$root/build/fuzz" fuzz_targets; then
    fuzzers=$root/build/fuzz/tests/fuzz
    return
  fi
  warn "no clang 14: the fuzzers mutate blindly"
  build_preset asan "$root/build/asan" fuzz_targets && fuzzers=$root/build/asan/tests/fuzz
}

# fuzz SECONDS: every target at once; their names, PASS or FAIL, one a line.
fuzz() {
  local target pids=() log=$fuzz_found/log
  mkdir -p "$log"
  for target in "${fuzz_targets[@]}"; do
    mkdir -p "$fuzz_found/$target"
    # Processor time ends what hangs; libFuzzer's own -timeout is one of the clock.
    (ulimit -t $(($1 + 600)) && exec "$fuzzers/fuzz_$target" "$fuzz_found/$target" "$root/tests/fuzz/corpus/$target" \
      -max_total_time="$1" -max_len=4096 -timeout=0 -artifact_prefix="$fuzz_found/" \
      >"$log/$target" 2>&1) &
    pids+=($!)
  done
  for target in "${fuzz_targets[@]}"; do
    if wait "${pids[0]}" && grep -qE '^Done [1-9][0-9]* runs' "$log/$target"; then
      say "fuzz_$target: $(grep '^Done' "$log/$target")"
      echo PASS
    else
      tail -n 60 "$log/$target" >&2
      warn "fuzz_$target failed (all of it: $log/$target)"
      sed -n "s|.*Test unit written to \\(.*\\)|    replay: $fuzzers/fuzz_$target \\1|p" "$log/$target" >&2
      echo FAIL
    fi
    pids=("${pids[@]:1}")
  done
}

test_fuzz() {
  local verdict
  build_fuzzers || { count_failed "fuzzers: do not build" && return; }
  say "fuzzers, ${RNASLICER_FUZZ_SECONDS:-20} s"
  while read -r verdict; do
    if [[ $verdict == PASS ]]; then count 1 0 0; else count_failed "a fuzzer, see above"; fi
  done < <(fuzz "${RNASLICER_FUZZ_SECONDS:-20}")
}

# fuzz_model [VERSION...] [OPTION...]: the model campaign (tests/blender/model/model_fuzz.py has the options),
# by default 100 000 steps in all; what fails is made short.
fuzz_model() {
  local chosen=() options=() version status=0
  while (($#)); do
    if [[ " ${versions[*]} " == *" $1 "* ]]; then chosen+=("$1"); else options+=("$1"); fi
    shift
  done
  ((${#chosen[@]})) || chosen=("${versions[@]}")
  build_addon || return
  for version in "${chosen[@]}"; do
    ensure_blender "$version" && ensure_profile "$version" || return
    say "model campaign in Blender $version"
    RNASLICER_BUILT=1 /usr/bin/python3 "$root/tests/blender/model/model_fuzz.py" --steps $((100000 / ${#chosen[@]} + 1)) \
      "${options[@]}" -- "$root/run" blender "$version" -- -b || status=1
  done
  return "$status"
}

# run_fuzz [SECONDS]: the model campaign, then whatever is random in the tests, with new seeds, until the
# time is up or something fails. The seed that failed is printed; RNASLICER_SEED=… repeats it.
run_fuzz() {
  if [[ ${1:-} == model ]]; then
    fuzz_model "${@:2}"
    return
  fi
  local seconds=${1:-600} start rounds=0 version
  build_preset release "$build" && build_preset asan "$root/build/asan" && build_addon && build_fuzzers || exit 1
  for version in "${versions[@]}"; do
    ensure_blender "$version" && ensure_profile "$version" || exit 1
  done
  fuzz_model || die "the model campaign failed"
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
  if [[ $(fuzz 60) == *FAIL* ]]; then return 1; fi
  PYTHONPATH=$build/package /usr/bin/python3 -m unittest discover -q -s "$root/tests/memcache" -p 'test_random.py' || return
  for version in "${versions[@]}"; do
    (RNASLICER_BUILT=1 run_blender "$version" -- -b --python "$root/tests/blender/run_in_blender.py" -- -k random) || return
  done
}
