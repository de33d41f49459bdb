# full_disk.sh FOLDER PYTHON DATA…: an initialised stack on a small disk of its own, which is filled;
# prints what the doctor says.
folder=$1 python=$2
shift 2
mount -t tmpfs -o size=260m none "$folder" || exit 9
export STACK_DIR="$folder/stack"
mkdir -m 700 "$STACK_DIR" && cp -a "$@" "$STACK_DIR" || exit 8
"$python" manage.py stack start >&2 || exit 8
dd if=/dev/zero of="$folder/filler" bs=1M 2>/dev/null
"$python" manage.py doctor --json
status=$?
rm "$folder/filler"
"$python" manage.py stack stop >&2
exit $status
