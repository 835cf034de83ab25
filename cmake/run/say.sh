# cmake/run/say.sh: messages, progress of long steps, root rights.

say() { printf '==> %s\n' "$*" >&2; }
warn() { printf '!!! %s\n' "$*" >&2; }
die() {
  warn "$*"
  exit 1
}

# as_root COMMAND...: runs it as root, through sudo if we are not; the environment goes along.
as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  else
    sudo --preserve-env "$@"
  fi
}

# as_root_silently: as_root works, and nobody has to be asked for it.
as_root_silently() { [[ $EUID -eq 0 ]] || sudo -n true 2>/dev/null; }

# ask_root WHY: makes sure that as_root works; here sudo may ask for a password, later it could not.
ask_root() {
  as_root_silently && return
  if ! command -v sudo >/dev/null; then
    warn "$1 needs root rights: run this as root, or install sudo"
    return 1
  fi
  say "$1 needs root rights" && sudo -v
}

# step TITLE COMMAND...: runs it with its output in a log and shows that it is alive: on a terminal
# one line that counts seconds, elsewhere a line every 20 seconds. The log's end is shown on failure.
step() {
  local title=$1 log start=$SECONDS status=0 watcher
  shift
  mkdir -p "$cache/logs"
  log=$(mktemp "$cache/logs/$(date +%Y%m%d-%H%M%S)-XXXX")
  say "$title"
  watch_log "$log" &
  watcher=$!
  "$@" >"$log" 2>&1 </dev/null || status=$? # in the foreground, so that Ctrl-C ends it
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  if [[ -t 2 ]]; then printf '\r\e[K' >&2; fi
  if ((status)); then
    tail -n 30 "$log" >&2
    warn "failed ($status): $title (all of it: $log)"
    return "$status"
  fi
  rm -f "$log"
  ((SECONDS - start < 2)) || printf '    done in %d s\n' "$((SECONDS - start))" >&2
}

# watch_log FILE: its last line, again and again, until killed or left alone.
watch_log() {
  local start=$SECONDS pause=20 last never
  if [[ -t 2 ]]; then pause=1; fi
  exec {never}<> <(:)
  # Not `sleep`: it would outlive us, and hold the locks that it inherits.
  while ! read -r -t "$pause" -u "$never" && kill -0 $$ 2>/dev/null; do
    last=$(tail -n 1 "$1" | tr -cd '[:print:]')
    if [[ -t 2 ]]; then
      printf '\r\e[K    %3d s  %s' $((SECONDS - start)) "${last:0:60}" >&2
    else
      printf '    %3d s  %s\n' $((SECONDS - start)) "${last:0:100}" >&2
    fi
  done
}

# with_lock FILE COMMAND...: one process at a time; says so when it has to wait.
with_lock() {
  local file=$1 fd status=0
  shift
  mkdir -p "$(dirname "$file")"
  exec {fd}>"$file"
  if ! flock -n "$fd"; then
    say "waiting for another run ($(basename "$file"))"
    flock "$fd"
  fi
  "$@" || status=$?
  exec {fd}>&-
  return "$status"
}
