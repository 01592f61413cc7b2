#!/bin/sh
# An isolator in sh: runs one command before a container starts and one when it is gone. The
# parameters `prepare` and `cleanup` name them; they find the container in $CONTAINER_ID and
# $DIRECTORY. Needs jq.
prepare=
cleanup=

answer() { printf '{"id":%s,"result":%s}\n' "$id" "$1"; }
refuse() { printf '{"id":%s,"error":%s}\n' "$id" "$(printf '%s' "$1" | jq -Rs .)"; }
get() { printf '%s' "$line" | jq -r "$1"; }

# What the command prints goes to the agent's log, not into the conversation.
run() {
  CONTAINER_ID=$(get .args.id.value) DIRECTORY=$(get '.args.config.directory // ""') \
    sh -c "$1" </dev/null >&2
}

while read -r line; do
  id=$(get '.id // ""')
  case $(get '.method // ""') in
    describe)
      answer '{"protocol":1,"kind":"Isolator","name":"org_example_Command","parameters":{
        "prepare":{"type":"string","help":"Run before a container starts; it fails the launch."},
        "cleanup":{"type":"string","help":"Run when a container is gone."}}}' | tr -d '\n'
      echo ;;
    create)
      prepare=$(get '.args.parameters[]? | select(.key == "prepare") | .value')
      cleanup=$(get '.args.parameters[]? | select(.key == "cleanup") | .value')
      answer '{"methods":["prepare","cleanup"],"properties":{"supports_nesting":false}}' ;;
    prepare)
      if run "${prepare:-true}"; then answer null; else refuse "The command failed: $prepare"; fi ;;
    cleanup)
      if run "${cleanup:-true}"; then answer null; else refuse "The command failed: $cleanup"; fi ;;
    shutdown) exit 0 ;;
    '') ;; # A cancelled call: this program answers one after the other anyway.
    *) if [ -n "$id" ]; then refuse 'not known here'; fi ;;
  esac
done
