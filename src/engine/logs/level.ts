/** How serious a line is, by its own words. 0: it does not say. */
export const LEVELS = { none: 0, debug: 1, info: 2, warn: 3, error: 4, fatal: 5 } as const;
export type Level = (typeof LEVELS)[keyof typeof LEVELS];

/** So much of a line is looked at: the level stands near its beginning. */
const LOOKED_AT = 200;

const BY_WORD: ReadonlyMap<string, Level> = new Map<string, Level>([
  ['trace', LEVELS.debug],
  ['debug', LEVELS.debug],
  ['info', LEVELS.info],
  ['information', LEVELS.info],
  ['notice', LEVELS.info],
  ['warn', LEVELS.warn],
  ['warning', LEVELS.warn],
  ['error', LEVELS.error],
  ['err', LEVELS.error],
  ['fatal', LEVELS.fatal],
  ['panic', LEVELS.fatal],
  ['dpanic', LEVELS.fatal],
  ['critical', LEVELS.fatal],
  ['crit', LEVELS.fatal],
  ['alert', LEVELS.fatal],
  ['emerg', LEVELS.fatal],
]);

const KLOG: Readonly<Record<string, Level>> = {
  I: LEVELS.info,
  W: LEVELS.warn,
  E: LEVELS.error,
  F: LEVELS.fatal,
};

/** klog: `E1123 05:27:43.591230       1 reflector.go:138] …`. */
const KLOG_HEAD = /^[IWEF]\d{4} \d\d:/;
/** logrus and logfmt: `time="…" level=info msg=…`. */
const LOGFMT = /(?:^|\s)level="?(\w+)/;
/** zap, as etcd writes it: `{"level":"warn","ts":…`. */
const JSON_LEVEL = /"(?:level|severity|lvl)"\s*:\s*"(\w+)"/i;
/** nginx' error log: `2026/11/23 05:27:56 [error] 12#12: …`. */
const BRACKETS = /^(?:[\d/.:T+Z -]*)\[(\w+)\]/;
/** confd and many others: the level as a word of its own in capitals. */
const CAPITALS = /(?:^|[\s\t])(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|PANIC|CRITICAL)(?=[\s:\t]|$)/;
/** What programs say when they die, and what people write. */
const PLAIN_FATAL = /^(?:panic:|fatal error:|runtime error:|Segmentation fault)/;
const PLAIN_ERROR = /^(?:error|failed|exec format error)\b/i;
const PLAIN_WARN = /^(?:warning|warn)\b/i;

/** The level that a line claims: k3s' logrus and klog, JSON, nginx, capitals, plain words. */
export function levelOf(bytes: Buffer): Level {
  const head = bytes.toString('latin1', 0, Math.min(bytes.length, LOOKED_AT));
  if (KLOG_HEAD.test(head)) return KLOG[head[0]!] ?? LEVELS.none;
  const word =
    LOGFMT.exec(head)?.[1] ??
    (head.startsWith('{') ? JSON_LEVEL.exec(head)?.[1] : undefined) ??
    BRACKETS.exec(head)?.[1] ??
    CAPITALS.exec(head)?.[1];
  if (word !== undefined) return BY_WORD.get(word.toLowerCase()) ?? LEVELS.none;
  if (PLAIN_FATAL.test(head)) return LEVELS.fatal;
  if (PLAIN_ERROR.test(head)) return LEVELS.error;
  return PLAIN_WARN.test(head) ? LEVELS.warn : LEVELS.none;
}
