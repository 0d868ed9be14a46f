/** Where k3s keeps containerd's store, unless told otherwise. */
const ROOT = '/var/lib/rancher/k3s/agent/containerd';
/** Where layers lie in it, by their digests. */
export const BLOBS = `${ROOT}/io.containerd.content.v1.content/blobs/sha256`;
/** Exit code of an import for which there is no room, as Linux numbers that error. */
export const DISK_FULL = 28;
/** Begins the names of folders in which imports gather what they get. Their owner's process number ends it. */
const FOLDER = 'k3dui-import-';

/**
 * What a node does to take images, as a shell line; its input is a tar of layers, then of the files `layers` (a line for
 * each: file, digest, size; `-` instead of the file for one that it has) and `image.tar` (the rest of the images, see layout.ts). Ends with 0 when all
 * of it is kept, with DISK_FULL where less than 64 KiB are left.
 *
 * Layers are written beside containerd's store, linked into it, and made known with `ctr content ingest`: a blob that lies
 * in the store under its digest is taken as it is, as if another name space had brought it (containerd
 * core/metadata/content.go, Writer: shared). Sent through `ctr images import` the same bytes would pass through two more
 * processes and be hashed twice: ten times the processor time. Where that does not go (another place for the store, a
 * clean-up that came between), the same command reads the file and keeps it in the ordinary way.
 *
 * Images stay packed, as those stay that k3s loads by itself when it starts: the first container that needs one unpacks it
 * (containerd internal/cri/opts/container.go, WithNewSnapshot). `unpack`: at once instead.
 *
 * What an import leaves behind whose node was killed, the next one puts away.
 */
export function takeImages(unpack: boolean): string {
  return `
base=${ROOT}
[ -d "$base" ] || base=/tmp
for old in "$base"/${FOLDER}*; do [ -e "/proc/\${old##*-}" ] || rm -rf "$old"; done
folder=$base/${FOLDER}$$
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
echo "pid $$"
give_up() {
  set -- $(df -P "$base" | tail -n 1)
  [ "\${4:-65}" -gt 64 ] || exit ${DISK_FULL}
  exit 1
}
rm -rf "$folder"; mkdir "$folder" && cd "$folder" && tar -xmf - || give_up
[ -f layers ] || exit 1
keep() {
  dd if=/dev/null of="$1" conv=notrunc,fsync 2>/dev/null
  ln "$1" "${BLOBS}/$2" 2>/dev/null
  ctr -n k8s.io content ingest --expected-digest "sha256:$2" --expected-size "$3" "k3dui-$2" < "$1" || : > failed
}
keepall() {
  running=0
  while read -r file digest size; do
    case $1 in *"$digest"*) continue;; esac
    if [ "$file" = - ]; then
      [ -z "$1" ] || { echo "layer sha256:$digest was cleaned away meanwhile" >&2; : > failed; }
      continue
    fi
    keep "$file" "$digest" "$size" &
    running=$((running + 1))
    [ $((running % 4)) -ne 0 ] || wait
  done < layers
  wait
  [ ! -e failed ]
}
keepall '' || give_up
ctr -n k8s.io images import ${unpack ? '' : '--no-unpack '}--all-platforms image.tar || give_up
there=$(ctr -n k8s.io content ls -q) || exit 1
keepall "$there"
`;
}

/** Ends what that process began, and puts away what it had got. */
export const giveUp = (pid: string): string =>
  `kill -9 -- -${pid} || kill -9 ${pid}; rm -rf ${ROOT}/${FOLDER}${pid} /tmp/${FOLDER}${pid}`;
