import { existsSync } from 'node:fs';
import { Resvg } from '@resvg/resvg-js';

/** Where Debian's fonts-jetbrains-mono and fonts-dejavu-core put them; the second has the signs that the first lacks. */
const MONO = ['Regular', 'Bold', 'Italic'].map(
  weight => `/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-${weight}.ttf`,
);
const SIGNS = ['DejaVuSansMono', 'DejaVuSansMono-Bold', 'DejaVuSans'].map(
  name => `/usr/share/fonts/truetype/dejavu/${name}.ttf`,
);

/** The fonts that are missing for pictures to look as they should. */
export function missingFonts(): string[] {
  return [...MONO, ...SIGNS].filter(file => !existsSync(file));
}

/** Renders an SVG with exactly these fonts, so that pictures do not depend on what else a machine has. */
export function svgToPng(svg: string, scale: number): Buffer {
  const options = {
    fitTo: { mode: 'zoom' as const, value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: [...MONO, ...SIGNS].filter(file => existsSync(file)),
      defaultFontFamily: 'JetBrains Mono',
      monospaceFamily: 'JetBrains Mono',
    },
  };
  return Buffer.from(new Resvg(svg, options).render().asPng());
}
