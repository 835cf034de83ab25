# cmake/run/trees.sh: other Debian releases as folders, for the Blenders that Debian 12 lacks, and for an old glibc.

declare -A tree_packages=(
  [trixie]="blender python3-numpy libgl1 libgl1-mesa-dri libegl1"
  [sid]="blender python3-numpy libgl1 libgl1-mesa-dri libegl1 python3-cattr python3-requests"
  [bullseye]="python3" # glibc 2.31
)

# isolated COMMAND...: as root where mounts vanish with the command. RNASLICER_MOUNTS tells it
# whether that worked, or whether it has to unmount what it mounts.
isolated() {
  if as_root unshare --mount true 2>/dev/null; then
    as_root env RNASLICER_MOUNTS=private unshare --mount --propagation private "$@"
  else
    as_root env RNASLICER_MOUNTS=shared "$@"
  fi
}

# ensure_tree SUITE VERSION: with Blender VERSION, `none` for none; builds the tree, or adopts one that is complete; quick
# if it is known.
ensure_tree() {
  local suite=$1 version=$2
  local tree=$cache/trees/$suite recipe="$1 $2 ${tree_packages[$1]}"
  tree_known "$tree" "$recipe" && return
  ask_root "the $suite tree" || return
  need "${packages_tree[@]}" || return
  with_lock "$cache/trees/$suite.lock" make_tree "$suite" "$version" "$tree" "$recipe"
}

tree_known() { [[ -d $1/usr && $(cat "$1.ready" 2>/dev/null) == "$2" ]]; }

# in_tree SUITE FOLDER... -- COMMAND...: as this user, with the host's folders at their own paths.
in_tree() {
  RNASLICER_GROUPS=$(id -G | tr ' ' ,) isolated "$pieces/tree.sh" enter \
    "$cache/trees/$1" "$(id -u)" "$(id -g)" "${@:2}"
}

make_tree() {
  local suite=$1 version=$2 tree=$3 recipe=$4 packages
  tree_known "$tree" "$recipe" && return # another run made it while we waited
  read -ra packages <<<"${tree_packages[$suite]}"
  rm -f "$tree.ready"
  if ! isolated "$pieces/tree.sh" check "$tree" "$version" "${packages[@]}" >/dev/null 2>&1; then
    [[ ! -e $tree ]] || say "$tree is incomplete; it is built again"
    local what="with Blender $version (1.8 GB, some minutes)"
    [[ $version != none ]] || what="(0.2 GB, a minute or two)"
    step "building a Debian $suite tree $what" \
      isolated "$pieces/tree.sh" build "$suite" "$tree" "$version" "${packages[@]}" || return
  fi
  printf '%s\n' "$recipe" >"$tree.ready"
}
