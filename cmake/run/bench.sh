# cmake/run/bench.sh: demo and benchmarks.

# run_demo [VERSION [ARGS for bench/demo.py]]: its table, and the chart of it in docs/; then three whole tasks.
run_demo() {
  local version=${1:-5.2} figures
  [[ " ${versions[*]} " == *" $version "* ]] || die "which Blender? one of: ${versions[*]}"
  need "${packages_demo[@]}" || die "cannot install what the chart needs"
  figures=$(mktemp "$cache/demo-XXXXXX.json")
  (run_blender "$version" -- -b --python "$root/bench/demo.py" -- --json "$figures" "${@:2}") ||
    die "the demo failed in Blender $version"
  /usr/bin/python3 "$root/bench/chart.py" "$figures" "$root/docs/demo.png" || die "no chart"
  say "chart: docs/demo.png"
  say "three whole tasks (./run bench scenes has all)"
  (run_blender "$version" -- -b --python "$root/bench/scenes/main.py" -- --json "$figures" -k "weights,raised,4K image") ||
    die "the tasks failed in Blender $version"
  /usr/bin/python3 "$root/cmake/docs/figures.py" demo "$figures" || die "no chart"
  rm -f "$figures"
  say "chart: docs/demo.svg"
}

# run_bench [--json FOLDER] [--figures] [PART...]; small, many and derived in the Blenders that are named
run_bench() {
  local folder='' chosen=() scripts=() part script status=0 json=() figures=() extra=() kept
  unset PYTHONDONTWRITEBYTECODE # a user's Blender keeps compiled modules; only 3.4, which runs in no tree, hears of it
  while (($#)); do
    case $1 in
    --figures) figures=(--figures "$root/docs/figures.md") && shift ;;
    --json) folder=$(realpath -m "${2:?--json needs a folder}") && shift 2 ;;
    small | many | derived) scripts+=("$1") && shift ;;
    kernels | 3.4 | 4.3 | 5.2) chosen+=("$1") && shift ;;
    cookbook | scenes)
      bench_pages "$@"
      return
      ;;
    *) die "no such part: $1 (there are: small many derived kernels ${versions[*]} cookbook scenes)" ;;
    esac
  done
  if ((${#scripts[@]})); then
    ((${#chosen[@]})) || chosen=("${versions[@]}")
    for part in "${chosen[@]}"; do
      [[ $part != kernels ]] || die "small, many and derived run in Blenders: ${versions[*]}"
      (run_blender "$part" -- -b --python "$root/bench/discover.py") || { status=1 && continue; }
      for script in "${scripts[@]}"; do
        kept=$cache/figures/$script-$part.json extra=()
        [[ -z $folder ]] || json=(--json "$folder/$script-$part.json")
        if ((${#figures[@]})) && [[ $script == derived ]]; then
          extra=("${figures[@]}") # of one Blender, and written by itself
        elif ((${#figures[@]})); then
          mkdir -p "$cache/figures"
          json=(--json "$kept.new")
        fi
        (run_blender "$part" -- -b --python "$root/bench/$script.py" -- "${json[@]}" "${extra[@]}") || { status=1 && continue; }
        [[ ! -f $kept.new ]] || mv "$kept.new" "$kept"
      done
    done
    ((!${#figures[@]})) || for script in "${scripts[@]}"; do
      [[ $script == derived ]] || write_figures "$script" calls
    done
    return "$status"
  fi
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
      (run_blender "$part" -- -b --python "$root/bench/in_blender.py" -- "${json[@]}" "${figures[@]}") || status=1
    fi
  done
  return "$status"
}

# bench_pages cookbook|scenes [VERSION...] [-- ARGS]: measures in each Blender, then writes docs/. Figures of Blenders
# that are not named stay those of the last run.
bench_pages() {
  local what=$1 script version chosen=() kept=$cache/figures
  declare -A script_of=([cookbook]=recipes.py [scenes]=scenes/main.py)
  script=$root/bench/${script_of[$what]}
  shift
  while (($#)) && [[ $1 != -- ]]; do chosen+=("$1") && shift; done
  if (($#)); then shift; fi
  ((${#chosen[@]})) || chosen=("${versions[@]}")
  mkdir -p "$kept"
  for version in "${chosen[@]}"; do
    say "$what in Blender $version"
    (run_blender "$version" -- -b --python "$script" -- --json "$kept/$what-$version.json.new" "$@") ||
      die "$what failed in Blender $version"
    mv "$kept/$what-$version.json.new" "$kept/$what-$version.json"
  done
  write_figures "$what" "$what"
}

# write_figures WHAT PAGE: what was measured last in each Blender, into docs/PAGE.md.
write_figures() {
  local version files=()
  for version in "${versions[@]}"; do
    [[ ! -f $cache/figures/$1-$version.json ]] || files+=("$cache/figures/$1-$version.json")
  done
  /usr/bin/python3 "$root/cmake/docs/figures.py" "$1" "${files[@]}" || die "docs/$2.md is not written"
  say "written: docs/$2.md"
}
