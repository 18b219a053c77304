import { PAGE_STYLES, pageStylesHash } from './stylesheet.js';

type Colors = Record<string, string>;

const readColors = (css: string): Colors =>
  Object.fromEntries([...css.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]));

/** WCAG 2.2, relative luminance and contrast ratio. */
function computeContrast(a: string, b: string): number {
  const [light, dark] = [computeLuminance(a), computeLuminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

function computeLuminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

const [light, dark] = PAGE_STYLES.split('@media (prefers-color-scheme: dark)') as [string, string];

describe.each([
  ['light', readColors(light)],
  ['dark', readColors(dark.slice(0, dark.indexOf('\n  }\n')))],
])('page colors in %s mode', (_, colours) => {
  it.each([
    ['text', 'ground'],
    ['text', 'card'],
    ['text', 'inset'],
    ['muted', 'ground'],
    ['muted', 'card'],
    ['muted', 'inset'],
    ['accent', 'card'],
    ['accent', 'accent-soft'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'],
    ['danger', 'danger-soft'],
    ['on-danger', 'danger'],
    ['on-danger', 'danger-strong'],
    ['caution', 'caution-soft'],
  ])('%s is readable on %s (WCAG 2.2 §1.4.3)', (text, ground) => {
    expect(computeContrast(colours[text]!, colours[ground]!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ['edge', 'card'],
    ['accent', 'card'],
    ['accent', 'ground'],
  ])('%s is distinguishable from %s (WCAG 2.2 §1.4.11)', (edge, ground) => {
    expect(computeContrast(colours[edge]!, colours[ground]!)).toBeGreaterThanOrEqual(3);
  });
});

describe('the style sheet', () => {
  it('the style sheet fetches nothing', () => {
    expect(PAGE_STYLES).not.toMatch(/url\(|@import|@font-face/);
  });

  it('the style sheet uses only defined colors', () => {
    const defined = new Set([...PAGE_STYLES.matchAll(/(--[a-z-]+):/g)].map(([, name]) => name));
    expect([...PAGE_STYLES.matchAll(/var\((--[a-z-]+)\)/g)].filter(([, name]) => !defined.has(name))).toEqual([]);
  });

  it('the hash of the style sheet is URL-safe', () => {
    expect(pageStylesHash).toMatch(/^[A-Za-z0-9_-]{16}$/);
  });
});
