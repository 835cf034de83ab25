# cmake/run/packages.sh: what has to be installed on Debian 12, by use.

packages_build=(cmake ninja-build g++ ccache llvm-19-dev libzstd-dev zlib1g-dev libpython3.11-dev
  libgtest-dev libbenchmark-dev binutils python3)
packages_test=(clang-format-14 python3-numpy libpython3.11-testsuite mypy gdb linux-perf)
packages_fuzz=(clang-14 libclang-rt-14-dev)
packages_demo=(python3-matplotlib)
packages_lint=(clang-tidy-14 shellcheck)
packages_tree=(debootstrap debian-archive-keyring)
packages_blender34=(blender python3-numpy)
packages_gui=(xvfb libgl1-mesa-dri)

# need PACKAGE...: installs those that are missing; quick if none is.
need() {
  local missing
  mapfile -t missing < <(comm -23 <(printf '%s\n' "$@" | sort -u) <(
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
      sed -n 's/^installed //p' | sort -u))
  ((${#missing[@]})) || return 0
  ask_root "installing ${missing[*]}" || return
  with_lock "$cache/apt.lock" step "installing ${missing[*]} (apt)" apt_install "${missing[@]}"
}

apt_install() {
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=-1)
  as_root "${apt[@]}" install -y --no-install-recommends "$@" && return
  # No lists yet, or old ones that name versions that are gone.
  as_root "${apt[@]}" update && as_root "${apt[@]}" install -y --no-install-recommends "$@"
}
