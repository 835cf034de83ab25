# cmake/run/build.sh: compiles the module, assembles the package, packs wheel and add-on archives.

# The folder of the release build; RNASLICER_BUILD names another one, for work on several at once.
build=${RNASLICER_BUILD:-$root/build/release}

# A compiler's own list of headers is all that ccache needs: what it has not seen is not preprocessed once more for it.
export CCACHE_DEPEND=${CCACHE_DEPEND:-1}
# What precompiled headers need, else each file that uses one goes past ccache.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}

# configure_preset PRESET FOLDER: only when there is no configuration yet; ninja redoes it on changes.
configure_preset() {
  [[ -f $2/build.ninja ]] || step "configuring $1" cmake -S "$root" -B "$2" --preset "$1"
}

# build_preset PRESET FOLDER [TARGET...]
build_preset() {
  need "${packages_build[@]}" && mkdir -p "$root/build" && with_lock "$2.lock" build_locked "$@"
}

build_locked() {
  local preset=$1 folder=$2
  shift 2
  configure_preset "$preset" "$folder" || return
  NINJA_STATUS='    [%f/%t, %es] ' cmake --build "$folder" --target "${@:-all}" 2>&1 | show_build "$preset" >&2
}

# show_build PRESET: ninja's lines; silent if there was nothing to do.
show_build() {
  local line said=''
  while IFS= read -r line; do
    case $line in
    *"Re-checking globbed"* | *"no work to do"*) continue ;;
    esac
    [[ $said ]] || { said=1 && say "compiling $1"; }
    if [[ -t 2 && $line == '    ['* ]]; then
      printf '\r\e[K%s' "${line:0:78}"
    else
      printf '%s\n' "$line"
    fi
  done
  if [[ $said && -t 2 ]]; then echo; fi
}

# pack: the archives in $build/dist, made anew only when what goes in has changed.
pack() {
  local inputs
  inputs=$(cd "$root" && find addon "$build/package/rnaslicer" cmake/package.py LICENSE -type f \
    ! -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  [[ $(cat "$build/dist/inputs" 2>/dev/null) == "$inputs" ]] && return
  step "packing wheel and add-on archives" /usr/bin/python3 "$root/cmake/package.py" \
    --package "$build/package/rnaslicer" --addon "$root/addon" --licence "$root/LICENSE" \
    --out "$build/dist" || return
  printf '%s\n' "$inputs" >"$build/dist/inputs"
}

# build_addon: the archives are there and up to date. Skipped inside `./run test`, which did it.
build_addon() {
  if [[ -n ${RNASLICER_BUILT:-} ]]; then
    [[ -z $(find "$build/package/rnaslicer" -newer "$build/dist/inputs" -name '*.py' -print -quit 2>/dev/null) ]] ||
      echo "RNASLICER_BUILT: the packed add-on is older than $build/package" >&2
    return
  fi
  build_preset release "$build" rnaslicer_package || return
  with_lock "$build.lock" pack
}
