import { posix } from 'node:path';

export interface FileEntry {
  type: 'file' | 'directory' | 'symlink';
  mode: number;
  uid: number;
  gid: number;
  /** Unix milliseconds. */
  mtime: number;
  content: Buffer;
  /** Where a symlink points. */
  target: string;
}

const EMPTY = Buffer.alloc(0);

/** A tree of files in memory. One may lie over another (an image), which then stays as it is; volumes are mounted into it. */
export class Files {
  #own = new Map<string, FileEntry>();
  #gone = new Set<string>();
  #base: Files | undefined;
  #mounts: { path: string; files: Files }[] = [];
  #listeners = new Set<(path: string) => void>();

  constructor(base?: Files) {
    this.#base = base;
  }

  mount(path: string, files: Files): void {
    this.#mounts.push({ path: clean(path), files });
    this.#mounts.sort((a, b) => b.path.length - a.path.length);
  }

  /** Calls `listener` with the path of every file written. Calling the result ends it. */
  watch(listener: (path: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The entry itself, links followed unless `follow` is false. */
  get(path: string, follow = true, depth = 0): FileEntry | undefined {
    const place = this.#place(clean(path));
    if (place.files !== this) return place.files.get(place.path, follow, depth);
    const entry =
      this.#own.get(place.path) ??
      (this.#gone.has(place.path) ? undefined : this.#base?.get(place.path, false)) ??
      (place.path === '/' ? directory() : undefined);
    if (entry?.type === 'symlink' && follow && depth < 16) {
      return this.get(posix.resolve(posix.dirname(place.path), entry.target), true, depth + 1);
    }
    return entry;
  }

  read(path: string): Buffer | undefined {
    const entry = this.get(path);
    return entry?.type === 'file' ? entry.content : undefined;
  }

  text(path: string): string | undefined {
    return this.read(path)?.toString('utf8');
  }

  /** Writes a file, making its folders. An existing file keeps its mode unless one is given. */
  write(path: string, content: string | Buffer, mode?: number): void {
    const old = this.get(path, false);
    this.put(path, {
      type: 'file',
      mode: mode ?? old?.mode ?? 0o644,
      uid: 0,
      gid: 0,
      mtime: Date.now(),
      content: typeof content === 'string' ? Buffer.from(content) : content,
      target: '',
    });
  }

  /** Writes a file whose content is made when somebody first reads it. */
  writeLazy(path: string, make: () => string, mode = 0o644): void {
    let made: Buffer | undefined;
    this.put(path, {
      ...directory(),
      type: 'file',
      mode,
      get content() {
        made ??= Buffer.from(make());
        return made;
      },
    });
  }

  put(path: string, entry: FileEntry): void {
    const place = this.#place(clean(path));
    if (place.files !== this) {
      place.files.put(place.path, entry);
    } else {
      this.makeDirectory(posix.dirname(place.path));
      this.#own.set(place.path, entry);
      this.#gone.delete(place.path);
    }
    if (entry.type === 'file') for (const listener of this.#listeners) listener(clean(path));
  }

  makeDirectory(path: string, mode = 0o755): void {
    const at = clean(path);
    if (at === '/' || this.get(at)) return;
    this.makeDirectory(posix.dirname(at));
    const place = this.#place(at);
    if (place.files !== this) {
      place.files.makeDirectory(place.path, mode);
      return;
    }
    this.#own.set(at, { ...directory(), mode });
    this.#gone.delete(at);
  }

  /** Removes a file, or a folder with all in it. False when there was none. */
  remove(path: string): boolean {
    const at = clean(path);
    const place = this.#place(at);
    if (place.files !== this) return place.files.remove(place.path);
    if (!this.get(at, false)) return false;
    for (const [child] of this.walk(at)) {
      this.#own.delete(child);
      this.#gone.add(child);
    }
    return true;
  }

  /** Names in a folder, sorted. */
  list(path: string): string[] {
    const at = clean(path);
    const names = new Set<string>();
    for (const child of this.#paths(at)) {
      const rest = at === '/' ? child.slice(1) : child.slice(at.length + 1);
      if (rest) names.add(rest.split('/')[0]!);
    }
    return [...names].sort();
  }

  /** The entry and, for a folder, everything below it: parents before children. */
  walk(path: string): [string, FileEntry][] {
    const at = clean(path);
    const entry = this.get(at, false);
    if (!entry) return [];
    const found: [string, FileEntry][] = [[at, entry]];
    for (const child of [...new Set(this.#paths(at))].sort()) {
      const below = child === at ? undefined : this.get(child, false);
      if (below) found.push([child, below]);
    }
    return found;
  }

  *#paths(under: string): Generator<string> {
    const inside = (path: string) => under === '/' || path.startsWith(`${under}/`);
    for (const path of this.#own.keys()) if (inside(path)) yield path;
    if (this.#base) for (const path of this.#base.#paths(under)) if (!this.#gone.has(path)) yield path;
    for (const mount of this.#mounts) {
      if (inside(mount.path)) yield mount.path;
      const into = mount.path === under || under.startsWith(`${mount.path}/`);
      if (!into && !inside(mount.path)) continue;
      const inner = into ? clean(under.slice(mount.path.length)) : '/';
      for (const path of mount.files.#paths(inner)) if (path !== '/') yield mount.path + path;
    }
  }

  #place(path: string): { files: Files; path: string } {
    for (const mount of this.#mounts) {
      if (path === mount.path) return { files: mount.files, path: '/' };
      if (path.startsWith(`${mount.path}/`)) return { files: mount.files, path: path.slice(mount.path.length) };
    }
    return { files: this, path };
  }
}

function clean(path: string): string {
  const at = posix.normalize(`/${path}`);
  return at.length > 1 && at.endsWith('/') ? at.slice(0, -1) : at;
}

function directory(): FileEntry {
  return { type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: Date.now(), content: EMPTY, target: '' };
}
