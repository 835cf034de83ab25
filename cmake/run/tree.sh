#!/bin/bash
# cmake/run/tree.sh: builds, checks and enters one Debian tree. Run by trees.sh and blender.sh as root,
# in a mount namespace of its own if RNASLICER_MOUNTS=private; else it unmounts what it mounted.
#
#   tree.sh build SUITE TREE VERSION PACKAGE...     VERSION: of its Blender, or `none`
#   tree.sh check TREE VERSION PACKAGE...
#   tree.sh enter TREE UID GID DIRECTORY... -- COMMAND...    DIRECTORY: seen inside at the same path
set -euo pipefail

mounted=()

# mount_same DIRECTORY: the host's directory at the same path in $tree.
mount_same() {
  local from=$1 to=$tree$1 mode=--rbind
  [[ $RNASLICER_MOUNTS == private ]] || mode=--bind
  mkdir -p "$to"
  mount "$mode" "$from" "$to"
  mounted=("$to" "${mounted[@]}")
}

unmount_all() {
  [[ $RNASLICER_MOUNTS == private ]] && return
  local point
  for point in "${mounted[@]}"; do umount --lazy "$point"; done
}
trap unmount_all EXIT

# remove_tree FOLDER: never through a mount: below one lie the host's own files.
remove_tree() {
  [[ -e $1 ]] || return 0
  local folder point points
  folder=$(realpath "$1")
  local listed=${folder// /\\040}/ # as mountinfo writes it
  mapfile -t points < <(LISTED=$listed awk 'index($5, ENVIRON["LISTED"]) == 1 {print $5}' \
    /proc/self/mountinfo | sort -r)
  for point in "${points[@]}"; do umount --lazy "$(printf '%b' "$point")"; done
  if grep -qF " $listed" /proc/self/mountinfo; then
    echo "$folder has mounts that cannot be taken away; remove them, then try again" >&2
    exit 1
  fi
  rm -rf --one-file-system "$folder"
}

in_tree() { chroot "$tree" env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "${proxy[@]}" "$@"; }

mount_kernel() { for point in /proc /sys /dev; do mount_same "$point"; done; }

build() {
  local suite=$1 final=$2 version=$3
  shift 3
  tree=$final.building
  remove_tree "$tree"
  remove_tree "$final"
  mkdir -p "$tree"
  chmod 755 "$tree"
  debootstrap --variant=minbase "$suite" "$tree"
  mount_kernel
  # apt's own user cannot reach a tree below a private home.
  in_tree DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o APT::Sandbox::User=root -o Dpkg::Options::=--force-unsafe-io "$@"
  in_tree apt-get clean
  ln -sf /proc/self/mounts "$tree/etc/mtab" # Blender lists file systems
  verify "$version" "$@"
  unmount_all
  mounted=()
  if [[ $RNASLICER_MOUNTS == private ]]; then umount --recursive "$tree"/{proc,sys,dev}; fi
  mv "$tree" "$final"
}

# verify VERSION PACKAGE...: nothing half-installed, and the Blender that was asked for, if one was.
verify() {
  local version=$1 states found
  shift
  [[ -z $(in_tree dpkg --audit) ]]
  # shellcheck disable=SC2016
  states=$(in_tree dpkg-query -W -f '${db:Status-Status} ' "$@") # fails for a package it never saw
  [[ -z ${states//installed /} ]]
  [[ $version != none ]] || return 0
  found=$(in_tree blender --version | sed -n '1s/^Blender \([0-9]*\.[0-9]*\).*/\1/p')
  if [[ $found != "$version" ]]; then
    echo "this tree carries Blender ${found:-none}, not $version" >&2
    return 1
  fi
}

check() {
  tree=$1
  [[ -x $tree/usr/bin/dpkg ]]
  mount_kernel
  verify "${@:2}"
}

# The host's files at their own paths: all top-level folders that are no part of a system, and the
# folders asked for where the tree has none of that name.
enter() {
  tree=$1
  local uid=$2 gid=$3 directory
  shift 3
  mount_kernel
  [[ -e $tree/etc/mtab ]] || ln -sf /proc/self/mounts "$tree/etc/mtab"
  for directory in /*; do
    case $directory in
    /bin | /boot | /dev | /etc | /lib* | /lost+found | /proc | /run | /sbin | /snap | /sys | /usr | /var) ;;
    *)
      if [[ -L $directory ]]; then
        [[ -e $tree$directory ]] || ln -s "$(readlink "$directory")" "$tree$directory"
      elif [[ -d $directory ]]; then
        mount_same "$directory"
      fi
      ;;
    esac
  done
  mount_same /var/tmp
  [[ ! -d /run/user ]] || mount_same /run/user # X authority of a desktop session
  while [[ $1 != -- ]]; do
    [[ -e $tree$1 ]] || mount_same "$1"
    shift
  done
  shift
  local status=0
  chroot --userspec="$uid:$gid" --groups="${RNASLICER_GROUPS:-$gid}" "$tree" \
    env -C "$PWD" -u RNASLICER_MOUNTS -u RNASLICER_GROUPS -u LD_LIBRARY_PATH -u LD_PRELOAD \
    PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 "$@" || status=$?
  exit "$status"
}

proxy=()
for name in http_proxy https_proxy no_proxy; do
  [[ -z ${!name:-} ]] || proxy+=("$name=${!name}")
done
"$@"
