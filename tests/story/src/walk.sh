# What the shell of a reader knows while the tests play the reader. PORT and PROVIDER are the gateway's and its
# provider's ports, which the pages call 8787 and 8788.

gatelet() {
  case " $* " in
    *" --help "* | *" --version "* | " help "* | " completions "*) command gatelet "$@" ;;
    " login "*) sign_in "$@" ;;
    *) ports "$@" && command gatelet "$@" "${OPTIONS[@]}" ;;
  esac
}

ports() {
  case " $* " in
    *" --config "*) OPTIONS=(--port "$PORT") ;;
    *) OPTIONS=(--port "$PORT" --provider-port "$PROVIDER") ;;
  esac
}

cargo() {
  [ "$1" = run ] || { echo "cargo $1 is for continuous integration"; return 1; }
  shift
  [ "${1:-}" = -- ] && shift
  gatelet "$@"
}

# `gatelet login` waits for a browser. Eda opens the address that it prints and clicks on her name.
sign_in() {
  local said address jar page request
  said=$(mktemp)
  jar=$(mktemp)
  command gatelet "$@" --port "$PORT" >"$said" 2>&1 &
  local waiting=$!
  for _ in $(seq 100); do
    address=$(grep -o 'http://localhost[^ ]*/auth/authorize[^ ]*' "$said") && break
    kill -0 "$waiting" 2>/dev/null || break
    sleep 0.1
  done
  page=$(curl -sL -c "$jar" -b "$jar" "$address")
  request=$(printf %s "$page" | sed -n 's/.*name="request" value="\([0-9a-f]*\)".*/\1/p')
  curl -sL -o /dev/null -c "$jar" -b "$jar" -d person=eda -d "request=$request" \
    "http://127.0.0.1:$PROVIDER/authorize"
  wait "$waiting"
  local status=$?
  cat "$said"
  rm -f "$said" "$jar"
  return "$status"
}

# Starts a server of this page in place of the one before it, and waits until it answers.
serve() {
  stop
  [ "$1" = cargo ] && shift
  shift
  ports "$@"
  (exec gatelet "$@" "${OPTIONS[@]}") >server.log 2>&1 &
  SERVER=$!
  for _ in $(seq 200); do
    curl -s -o /dev/null "http://localhost:$PORT/" && break
    kill -0 "$SERVER" 2>/dev/null || break
    sleep 0.05
  done
  cat server.log
}

stop() {
  [ -z "${SERVER:-}" ] || { kill "$SERVER"; wait "$SERVER"; } 2>/dev/null
  SERVER=
}
