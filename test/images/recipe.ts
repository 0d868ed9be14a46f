/**
 * How an image comes to be: `config` are Dockerfile lines that touch no file system. Either `make` lays out a whole root
 * file system and names its folder, or `files` and `links` are put on top of the image `from`.
 */
export interface Recipe {
  tags: string[];
  /** All that the content depends on; with `config` it makes the hash that tells whether the image is up to date. */
  parts: string[];
  config: string[];
  make?: () => string;
  from?: string;
  files?: Record<string, string>;
  links?: Record<string, string>;
}
