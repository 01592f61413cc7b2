/**
 * Copies its standard input to a file that never grows beyond its size: before it would, logrotate
 * moves it away. Arguments: the file, its size in bytes, logrotate's program and options. What it
 * needs for itself lies in its working directory, out of the container's reach.
 * As a script it needs a tenth of what another process of Node would, and nothing to be built.
 *
 * A block is taken first and written after the rotation it may cause: logrotate works while nobody
 * writes, and only when there is something to write. What cannot be written is dropped, for a
 * container shall not stop because its disk is full. The end comes when the last writer is gone.
 *
 * The container may put a link in the file's place, and it may be less than its user on the host:
 * nothing is written through links.
 */
export const rotateScript = `
file=$1 max=$2 logrotate=$3
umask 022
export LC_ALL=C
printf '"%s" {\\n%s\\nsize %s\\n}\\n' "$file" "$4" "$((max - 4096))" >conf

size_of() { stat -c %s -- "$1" 2>/dev/null || echo 0; }

append() { dd bs=4096 of="$file" oflag=append,nofollow conv=notrunc "$@" 2>/dev/null; }

drop() { dd of=/dev/null bs=65536 count=1 2>&1 | grep -q '^0+0 records in' && exit; }

append if=/dev/null
while :; do
  dd of=next bs=4096 count=1 2>/dev/null || { drop; continue; }
  [ -s next ] || exit 0
  left=$((max - $(size_of "$file") - $(size_of next)))
  if [ "$left" -lt 0 ]; then
    "$logrotate" --state state conf
    left=$((max - $(size_of "$file") - $(size_of next)))
    # It did not do its work: the log goes on where it is, for as long as before.
    [ "$left" -lt 0 ] && left=$((max - $(size_of next)))
  fi
  append if=next || { drop; continue; }
  [ "$left" -eq 0 ] || append iflag=count_bytes count="$left"
done
`;
