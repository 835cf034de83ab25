# cmake/run/test.sh: every test, one sum. A part that cannot even start is a failed test.

parts=(format units bullseye asan tsan fuzz python "${versions[@]}" window)
passed=0 failed=0 skipped=0

# count PASSED FAILED SKIPPED
count() {
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# count_failed WHAT: one failure, and the line that stands again at the end.
count_failed() {
  echo "FAILED $*"
  count 0 1 0
}

# count_file TITLE FILE: counts that a Python runner wrote; a missing file is a runner that died.
count_file() {
  local counts
  if counts=$(/usr/bin/python3 -c 'import json, sys
counts = json.load(open(sys.argv[1]))
print(counts["passed"], counts["failed"], counts["skipped"])' "$2" 2>/dev/null); then
    # shellcheck disable=SC2086
    count $counts
    # shellcheck disable=SC2086
    printf '    %s: %s passed, %s failed, %s skipped\n' "$1" $counts
  else
    count_failed "$1: did not finish"
  fi
}

# run_tests [-k TEXT] [PART...]
run_tests() {
  local text='' chosen=() part
  while (($#)); do
    case $1 in
    -k) text=${2:?-k needs a text} && shift 2 ;;
    *)
      [[ " ${parts[*]} " == *" $1 "* ]] || die "no such part: $1 (there are: ${parts[*]})"
      chosen+=("$1") && shift
      ;;
    esac
  done
  ((${#chosen[@]})) || chosen=("${parts[@]}")
  scratch=$(mktemp -d "$cache/test-XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  run_parts "$text" "${chosen[@]}" | tee "$scratch/said"
  # Of a long output people, and what keeps it, see the end: what failed stands there again.
  grep -h -A 25 -E '^(FAILED|FAIL:|ERROR:)|\*\*\*Failed' "$scratch/said"
  read -r passed failed skipped <"$scratch/sum" || failed=1
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0 && passed > 0))
}

# fetch_systems PART...: the Blenders and trees that parts need. Runs behind what compiles, for apt and dpkg wait for
# network and disk, and use one processor. What fails here is tried again, and told, where it is needed.
fetch_systems() {
  local wanted=" $* " version
  as_root_silently || return 0
  [[ $wanted != *" asan "* ]] || wanted+="3.4 "
  [[ $wanted != *" window "* ]] || wanted+="${versions[*]} "
  [[ $wanted != *" bullseye "* ]] || ensure_tree bullseye none
  for version in "${!suite_of[@]}" 3.4; do # trees first: in front apt installs compilers
    [[ $wanted != *" $version "* ]] || ensure_blender "$version"
  done
}

# run_parts TEXT PART...: each part, and the sum in a file, for the caller reads what this says through a pipe.
run_parts() {
  local text=$1 part start single=() chosen=("${@:2}") fetching
  fetch_systems "${chosen[@]}" >"$scratch/fetched" 2>&1 &
  fetching=$!
  need "${packages_build[@]}" "${packages_test[@]}" || die "cannot install what the tests need"
  for part in "${versions[@]}" asan window python; do # the longest first
    [[ " ${chosen[*]} " == *" $part "* ]] && single+=("$part")
  done
  for part in "${chosen[@]}"; do
    start=$SECONDS
    case $part in
    format) test_format ;;
    units) test_preset release "$build" ;;
    asan) test_preset asan "$root/build/asan" || single=("${single[@]/asan/}") ;;
    bullseye) test_old_system ;;
    tsan) test_preset tsan "$root/build/tsan" thread_tests runtime_tests -- -R 'Thread' ;;
    fuzz) test_fuzz ;;
    *) continue ;;
    esac
    printf '    %s took %d s\n' "$part" $((SECONDS - start))
  done
  # shellcheck disable=SC2206
  single=(${single[*]})
  wait "$fetching"
  ((${#single[@]} == 0)) || test_side_by_side "$text" "${single[@]}"
  echo "$passed $failed $skipped" >"$scratch/sum"
}

sources() { (cd "$root" && git ls-files '*.cpp' '*.hpp'); }

test_format() {
  say "clang-format"
  if (cd "$root" && sources | xargs clang-format-14 --dry-run --Werror); then count 1 0 0; else count_failed "clang-format"; fi
}

# test_preset PRESET FOLDER [TARGET...] [-- ARGUMENTS for ctest]: GoogleTest units.
test_preset() {
  local preset=$1 folder=$2 report=$scratch/$1.xml targets=()
  shift 2
  while (($#)) && [[ $1 != -- ]]; do targets+=("$1") && shift; done
  shift
  if ! build_preset "$preset" "$folder" "${targets[@]}"; then
    count_failed "$preset: does not build"
    return 1
  fi
  say "units, $preset"
  # What hangs is told by what it uses of the processor, never by the clock.
  (ulimit -t 1800 && /usr/bin/python3 "$root/tests/patience.py" \
    ctest --test-dir "$folder" --output-on-failure --output-junit "$report" -j "$(nproc)" --timeout 0 "$@") |
    grep -v -E '^ +Start |Passed|^Internal|^Test project|^$'
  /usr/bin/python3 - "$report" "$scratch/counts" <<'PYTHON'
import json, sys, xml.etree.ElementTree as tree
suite = tree.parse(sys.argv[1]).getroot()
total, failed = int(suite.get("tests")), int(suite.get("failures"))
skipped = int(suite.get("skipped")) + int(suite.get("disabled"))
json.dump({"passed": total - failed - skipped, "failed": failed, "skipped": skipped}, open(sys.argv[2], "w"))
PYTHON
  count_file "units, $preset" "$scratch/counts"
  rm -f "$scratch/counts"
}

test_python() {
  local folder folders=()
  for folder in "$root"/tests/{memcache,typed,discovery,inspection,spec,packaging,harness}; do [[ -d $folder ]] && folders+=("$folder"); done
  build_addon || { count_failed "the add-on does not build" && return; }
  say "Python tests without Blender"
  PYTHONPATH=$build/package XDG_CACHE_HOME=$scratch/cache PYTHONDONTWRITEBYTECODE=1 RNASLICER_DIST=$build/dist \
    /usr/bin/python3 "$root/tests/run_python_tests.py" --counts "$scratch/counts" "${folders[@]}"
  count_file "Python tests" "$scratch/counts"
  rm -f "$scratch/counts"
}

# test_side_by_side TEXT PART...: parts that keep one processor busy each, as many at once as there are processors.
# What each says comes when it has ended.
test_side_by_side() {
  local text=$1 part running=0 start=$SECONDS missing=''
  shift
  build_addon || { count_failed "the add-on does not build" && return; }
  for part in "$@"; do # here it can be seen how far it is
    [[ " ${versions[*]} " != *" $part "* ]] || ensure_blender "$part" || missing+=" $part "
  done
  say "side by side: $*"
  for part in "$@"; do
    ((running < $(nproc))) || { wait -n || true && running=$((running - 1)); }
    {
      test_single "$part" "$text" >"$scratch/said-$part" 2>&1
      printf '    %s took until %d s\n' "$part" $((SECONDS - start)) >>"$scratch/said-$part"
      cat "$scratch/said-$part"
    } &
    running=$((running + 1))
  done
  wait
  for part in "$@"; do
    # shellcheck disable=SC2046
    if [[ -f $scratch/$part/sum ]]; then count $(<"$scratch/$part/sum"); else count_failed "$part: did not finish"; fi
  done
}

# test_single PART TEXT: one of them, in a subshell; its sum goes into a file.
test_single() {
  local RNASLICER_BUILT=1 passed=0 failed=0 skipped=0 scratch=$scratch/$1
  mkdir -p "$scratch"
  case $1 in
  python) test_python ;;
  window) test_window ;;
  asan) test_asan_blender ;;
  *) test_blender "$@" ;;
  esac
  echo "$passed $failed $skipped" >"$scratch/sum"
}

# test_blender VERSION TEXT
test_blender() {
  local version=$1 text=$2
  if [[ $missing == *" $version "* ]] || ! raw_blender "$version" "$scratch" --version >/dev/null; then
    warn "SKIPPED: there is no Blender $version to test in"
    count 0 0 1
    return
  elif ! ensure_profile "$version"; then
    count_failed "Blender $version: no profile"
    return
  fi
  say "tests in Blender $version"
  RNASLICER_BUILT=1 RNASLICER_BLENDER_CACHE=$scratch/cache RNASLICER_DIST=$build/dist \
    /usr/bin/python3 "$root/tests/blender/campaign.py" --title "$version" --counts "$scratch/counts" -k "$text" \
    --discovery "$cache/discovery-of-tests" \
    -- "$root/run" blender "$version" -- -b
  count_file "Blender $version" "$scratch/counts"
}

# test_window: what real windows show, each on an X server of its own whose screen is a file.
test_window() {
  local version script
  build_addon || { count_failed "the add-on does not build" && return; }
  for version in "${versions[@]}"; do
    if ! need "${packages_gui[@]}" || ! ensure_blender "$version"; then
      warn "SKIPPED: no window of Blender $version: Xvfb or Blender is missing"
      count 0 0 1
      continue
    fi
    for script in viewport kernels lists; do
      say "windows of Blender $version: $script"
      screen_folder=$scratch/screen-$version-$script
      mkdir -p "$screen_folder"
      (
        start_display || exit 1
        RNASLICER_BUILT=1 RNASLICER_PROFILE=window RNASLICER_BLENDER_CACHE=$scratch/cache-$version /usr/bin/python3 \
          "$root/tests/patience.py" --used 1800 "$root/run" blender "$version" \
          --gui -- --enable-event-simulate --window-geometry 0 0 1000 700 \
          --python "$root/tests/window/$script.py" -- "$screen_folder/Xvfb_screen0" "$scratch/counts" \
          "$cache/discovery-of-tests"
      )
      count_file "windows of Blender $version, $script" "$scratch/counts"
      rm -f "$scratch/counts"
    done
  done
}

# run_lint: what is too slow for every test run, or too strict for another compiler's release.
run_lint() {
  local status=0
  need "${packages_build[@]}" "${packages_test[@]}" "${packages_lint[@]}" || exit 1
  build_preset release "$build" || exit 1
  test_format
  say "clang-tidy"
  (cd "$root" && sources | grep '\.cpp$' | xargs run-clang-tidy-14 -quiet -p "$build") || status=1
  say "shellcheck"
  (cd "$root" && shellcheck -x -s bash -e SC2034,SC2154 run .ci/run cmake/run/*.sh) || status=1
  ((status == 0 && failed == 0))
}
