# cmake/run/old_system.sh: the units once more on a system whose glibc is older than the one they were built with.

# test_old_system: the very files that `units` runs, in a Debian 11 tree.
test_old_system() {
  if ! build_preset release "$build"; then
    count_failed "Debian 11: release does not build"
    return
  fi
  if ! ensure_tree bullseye none || ! in_tree bullseye "$root" "$build" -- true; then
    warn "SKIPPED: there is no Debian 11 tree to test in, so nothing is known of an older glibc"
    count 0 0 1
    return
  fi
  say "units on Debian 11"
  in_tree bullseye "$root" "$build" "$scratch" -- env HOME="$scratch" PYTHONDONTWRITEBYTECODE=1 \
    python3 "$root/tests/glibc/run_units.py" --build "$build" --scratch "$scratch" --counts "$scratch/counts" \
    --jobs "$(nproc)" --newer "$(getconf GNU_LIBC_VERSION)"
  count_file "units, Debian 11" "$scratch/counts"
  rm -f "$scratch/counts"
}
