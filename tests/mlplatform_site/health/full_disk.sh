# full_disk.sh FOLDER PYTHON: a stack on a small disk of its own, which is filled; prints what the doctor says.
mount -t tmpfs -o size=260m none "$1" || exit 9
export STACK_DIR="$1/stack"
"$2" manage.py stack start >&2 && "$2" manage.py init_stores >&2 || exit 8
dd if=/dev/zero of="$1/filler" bs=1M 2>/dev/null
"$2" manage.py doctor --json
status=$?
rm "$1/filler"
"$2" manage.py stack stop >&2
exit $status
