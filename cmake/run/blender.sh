# cmake/run/blender.sh: starts a real Blender with the add-on installed and enabled.

versions=(3.4 4.3 5.2)
declare -A suite_of=([4.3]=trixie [5.2]=sid) # 3.4 is Debian 12's own

# ensure_blender VERSION: that Blender can be started.
ensure_blender() {
  if [[ $1 == 3.4 ]]; then
    need "${packages_blender34[@]}" || return
    local found
    found=$(/usr/bin/blender --version 2>/dev/null | sed -n '1s/^Blender \([0-9]*\.[0-9]*\).*/\1/p')
    [[ $found == 3.4 ]] || { warn "this system's Blender is ${found:-missing}, not 3.4 (Debian 12)" && return 1; }
  else
    ensure_tree "${suite_of[$1]}" "$1"
  fi
}

# raw_blender VERSION PROFILE ARGS...: that Blender with PROFILE as its user folder. Its exit code.
raw_blender() {
  local version=$1 profile=$2 argument folders=()
  shift 2
  local settings=(HOME="$HOME" BLENDER_USER_RESOURCES="$profile" BLENDER_USER_CONFIG="$profile/config"
    BLENDER_USER_SCRIPTS="$profile/scripts" BLENDER_USER_DATAFILES="$profile/datafiles")
  [[ -z ${RNASLICER_BLENDER_CACHE:-} ]] || settings+=(XDG_CACHE_HOME="$RNASLICER_BLENDER_CACHE")
  if [[ $version == 3.4 ]]; then
    env "${settings[@]}" /usr/bin/blender "$@"
    return
  fi
  folders=("$PWD" "$root" "$cache")
  for argument in "$@"; do
    [[ $argument == */* && -e $argument ]] && folders+=("$(dirname "$(realpath -s "$argument")")")
  done
  in_tree "${suite_of[$version]}" "${folders[@]}" -- env "${settings[@]}" blender "$@"
}

# ensure_profile VERSION: sets $profile to a user folder in which this build's add-on is enabled.
# Made under the build's lock, so that the archives do not change meanwhile.
ensure_profile() {
  find_profile "$1"
  touch -c "$profile" # in use: another checkout's run removes what is an hour old
  [[ -f $profile/ready ]] || with_lock "$build.lock" with_lock "$cache/profiles/$1.lock" make_profile "$1"
}

# RNASLICER_PROFILE: a name; that run has a profile of its own, in which no other loads factory settings, which take
# the package away for a moment.
find_profile() {
  profile=$cache/profiles/$1-$(cat "$build/dist/inputs" "$pieces/enable_addon.py" | sha256sum | cut -c1-16)
  profile+=${RNASLICER_PROFILE:+-$RNASLICER_PROFILE}
}

make_profile() {
  local version=$1 zip
  find_profile "$version"
  [[ -f $profile/ready ]] && return # another run made it while we waited
  zip=("$build"/dist/*-linux-x64.zip)
  [[ $version != 3.4 ]] || zip=("$build"/dist/*-blender3.4-to-4.1.zip)
  rm -rf "$profile"
  mkdir -p "$profile"/{config,scripts/addons,datafiles,extensions}
  step "installing the add-on into Blender $version" raw_blender "$version" "$profile" \
    --factory-startup -b --python-exit-code 1 --python "$pieces/enable_addon.py" -- "${zip[0]}" || return
  cp "$profile/config/userpref.blend" "$profile/userpref.blend"
  touch "$profile/ready"
  # Those of older builds, unless one may still be running.
  find "$cache/profiles" -mindepth 1 -maxdepth 1 -type d -name "$version-*" ! -path "$profile" \
    -mmin +60 -exec rm -rf {} +
}

# reset_profile: as installed, whatever the last run saved there.
reset_profile() {
  find "$profile/config" -mindepth 1 ! -name userpref.blend -delete
  cmp -s "$profile/userpref.blend" "$profile/config/userpref.blend" ||
    cp "$profile/userpref.blend" "$profile/config/userpref.blend"
}

# start_display: an X server of our own, in $DISPLAY, until the (sub)shell ends. Its screen is a file in
# $screen_folder, if that is set.
start_display() {
  need "${packages_gui[@]}" || return
  local number fd
  exec {fd}< <(exec Xvfb -displayfd 1 -screen 0 1600x1000x24 -nolisten tcp \
    ${screen_folder:+-fbdir "$screen_folder"} 2>/dev/null)
  display_server=$!
  trap 'kill "$display_server" 2>/dev/null' EXIT
  read -r -t 30 number <&"$fd" || { warn "Xvfb does not start" && return 1; }
  export DISPLAY=:$number LIBGL_ALWAYS_SOFTWARE=1
  say "no DISPLAY: Xvfb on $DISPLAY"
}

# run_blender VERSION [--gui] [--] ARGS...
run_blender() {
  local version=${1:-} gui='' argument
  shift || true
  [[ " ${versions[*]} " == *" $version "* ]] || die "which Blender? one of: ${versions[*]}"
  if [[ ${1:-} == --gui ]]; then gui=1 && shift; fi
  if [[ ${1:-} == -- ]]; then shift; fi
  build_addon && ensure_blender "$version" && ensure_profile "$version" || exit 1
  reset_profile
  local first=(--python-exit-code 1)
  if [[ $gui ]]; then
    [[ -n ${DISPLAY:-} ]] || start_display || exit 1
    unset WAYLAND_DISPLAY # a tree's Blender cannot reach its socket
    [[ $version != 5.2 ]] || first+=(--gpu-backend opengl)
  elif ! wants_no_window "$@"; then
    first+=(-b)
  fi
  raw_blender "$version" "$profile" "${first[@]}" "$@"
}

# wants_no_window ARGS...: they say themselves that Blender should open none.
wants_no_window() {
  local argument
  for argument in "$@"; do
    case $argument in
    -b | --background | -c | --command | -v | --version | -h | --help) return 0 ;;
    --) return 1 ;;
    esac
  done
  return 1
}
