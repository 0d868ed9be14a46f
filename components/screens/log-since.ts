/** How far back is shown, in minutes, by the keys 0 to 6. */
export const SINCE: readonly { minutes: number | undefined; label: string }[] = [
  { minutes: undefined, label: 'all' },
  { minutes: 1, label: '1m' },
  { minutes: 5, label: '5m' },
  { minutes: 15, label: '15m' },
  { minutes: 60, label: '1h' },
  { minutes: 360, label: '6h' },
  { minutes: 1440, label: '24h' },
];
