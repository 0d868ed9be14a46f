/** The sixteen colours of the picture's terminal, then xterm's cube and greys. */
const SIXTEEN = [
  '#20232f',
  '#f7768e',
  '#9ece6a',
  '#e0af68',
  '#7aa2f7',
  '#bb9af7',
  '#7dcfff',
  '#c0caf5',
  '#565f89',
  '#ff899d',
  '#b9f27c',
  '#ffc777',
  '#8db0ff',
  '#c7a9ff',
  '#a4daff',
  '#ffffff',
];

export const BACKGROUND = '#1a1b26';
export const FOREGROUND = '#c0caf5';

const hex = (...parts: number[]) => `#${parts.map(part => part.toString(16).padStart(2, '0')).join('')}`;
const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);

/** Colour of xterm's 256-colour palette. */
export function paletteColour(index: number): string {
  if (index < 16) return SIXTEEN[index] ?? FOREGROUND;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return hex(grey, grey, grey);
  }
  const cube = index - 16;
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}
