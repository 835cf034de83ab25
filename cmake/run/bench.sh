# cmake/run/bench.sh: demo and benchmarks.

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

# run_bench [--json FOLDER] [--figures] [PART...]; small and many: what calls cost, in the Blenders that are named
run_bench() {
  local folder='' chosen=() scripts=() part script status=0 json=() figures=()
  while (($#)); do
    case $1 in
    --figures) figures=(--figures "$root/docs/figures.md") && shift ;;
    --json) folder=$(realpath -m "${2:?--json needs a folder}") && shift 2 ;;
    small | many) scripts+=("$1") && shift ;;
    kernels | 3.4 | 4.3 | 5.2) chosen+=("$1") && shift ;;
    *) die "no such part: $1 (there are: small many kernels ${versions[*]})" ;;
    esac
  done
  if ((${#scripts[@]})); then
    ((${#chosen[@]})) || chosen=("${versions[@]}")
    for part in "${chosen[@]}"; do
      [[ $part != kernels ]] || die "small and many run in Blenders: ${versions[*]}"
      for script in "${scripts[@]}"; do
        [[ -z $folder ]] || json=(--json "$folder/$script-$part.json")
        (run_blender "$part" -- -b --python "$root/bench/$script.py" -- "${json[@]}") || status=1
      done
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
