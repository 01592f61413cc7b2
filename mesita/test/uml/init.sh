#!/bin/sh
# First process in User-Mode Linux: what tests need, the tests, the end. See README.md.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
# What lies below one of these is seen again from where we stand.
cd "$MESITA_ROOT" || halt -f
for directory in /tmp /run /mnt /root; do mount -t tmpfs tmpfs "$directory"; done
if [ ! -e "$MESITA_ROOT" ]; then
  mkdir -p "$MESITA_ROOT"
  mount --no-canonicalize --bind . "$MESITA_ROOT"
fi
mkdir -p /dev/shm /dev/pts /mnt/xfs
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t xfs -o prjquota /dev/ubda /mnt/xfs
swapon /dev/ubdb
ip link set lo up
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root NO_COLOR=1
cd "$MESITA_ROOT" || halt -f
echo '--- tests'
# Through a pipe: on the console the reporter would draw.
{
  # shellcheck disable=SC2086
  "$MESITA_NODE" node_modules/vitest/vitest.mjs run --configLoader runner \
    --config mesita/test/uml/vitest.config.ts $(echo "$MESITA_TESTS" | tr , ' ') 2>&1 </dev/null
  echo "--- status $?"
} | cat
halt -f 2>/dev/null
