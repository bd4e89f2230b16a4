/**
 * Our own line drawings for the icons our commands use, by the name Raycast gives them (`Icon.Download` is `download-16`).
 * Raycast's drawings are part of its application; these only have to be recognisable in a picture.
 */
const CIRCLE = '<circle cx="8" cy="8" r="6"/>';
const arc = (path: string) => `<circle cx="8" cy="8" r="6" opacity=".3"/><path d="${path}"/>`;

const GLYPHS: Record<string, string> = {
  "arrow-clockwise": '<path d="M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3"/>',
  "arrow-counter-clockwise": '<path d="M3 8a5 5 0 1 0 1.6-3.7M3 2v3h3"/>',
  "bar-chart": '<path d="M3 13V8M8 13V3M13 13V6"/>',
  "speech-bubble": '<path d="M3 3h10v8H7l-3 2.5V11H3z"/>',
  box: '<path d="M8 2l5.5 3v6L8 14l-5.5-3V5zM2.5 5L8 8l5.5-3M8 8v6"/>',
  check: '<path d="M3 8.5l3.5 3.5L13 5"/>',
  "check-circle": `${CIRCLE}<path d="M5.5 8.2l1.8 1.8 3.2-3.6"/>`,
  circle: CIRCLE,
  "circle-filled": '<circle cx="8" cy="8" r="5" fill="currentColor" stroke="none"/>',
  "circle-progress": arc("M8 2a6 6 0 0 1 6 6"),
  "circle-progress-25": arc("M8 2a6 6 0 0 1 6 6"),
  "circle-progress-50": arc("M8 2a6 6 0 0 1 0 12"),
  "circle-progress-75": arc("M8 2a6 6 0 1 1-6 6"),
  "circle-progress-100": CIRCLE,
  clock: `${CIRCLE}<path d="M8 4.5V8l2.5 1.5"/>`,
  cog: `${CIRCLE}<circle cx="8" cy="8" r="2"/>`,
  "computer-chip":
    '<rect x="4" y="4" width="8" height="8" rx="1"/><path d="M6 1.5V4M10 1.5V4M6 12v2.5M10 12v2.5M1.5 6H4M1.5 10H4M12 6h2.5M12 10h2.5"/>',
  "copy-clipboard": '<rect x="5" y="5" width="8" height="8" rx="1.5"/><path d="M3 11V4a1 1 0 0 1 1-1h7"/>',
  download: '<path d="M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11"/>',
  eject: '<path d="M8 3l5 6H3zM3 12.5h10"/>',
  "important-01": '<path d="M8 3v6.5M8 12.5v.5"/>',
  eye: '<path d="M1.5 8C4 3.5 12 3.5 14.5 8 12 12.5 4 12.5 1.5 8z"/><circle cx="8" cy="8" r="2"/>',
  finder: '<rect x="2.5" y="3" width="11" height="10" rx="1.5"/><path d="M8 3v10"/>',
  "globe-01": `${CIRCLE}<path d="M2 8h12M8 2c-4 4-4 8 0 12M8 2c4 4 4 8 0 12"/>`,
  hammer: '<path d="M3 13l6-6M7 4l5 5M6 3l3-1 4 4-1 3"/>',
  heart: '<path d="M8 13L2.8 7.6A3.2 3.2 0 0 1 8 4.2a3.2 3.2 0 0 1 5.2 3.4z"/>',
  "info-01": `${CIRCLE}<path d="M8 7.5v3.5M8 5v.1"/>`,
  key: '<circle cx="5.5" cy="10.5" r="3"/><path d="M8 8l5-5M11 5l2 2"/>',
  "light-bulb": '<path d="M6 11a4 4 0 1 1 4 0v1.5H6zM6.5 14.5h3"/>',
  link: '<path d="M6.5 9.5l3-3M7 4.5L9 2.8a3 3 0 0 1 4.2 4.2l-2 2M9 11.5l-2 1.7A3 3 0 0 1 2.8 9l2-2"/>',
  "app-window-list": '<path d="M5 4h9M5 8h9M5 12h9M2 4h.1M2 8h.1M2 12h.1"/>',
  lock: '<rect x="3.5" y="7" width="9" height="6.5" rx="1.5"/><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>',
  "magnifying-glass": '<circle cx="7" cy="7" r="4.5"/><path d="M10.5 10.5L14 14"/>',
  "memory-stick": '<rect x="2" y="5" width="12" height="6" rx="1"/><path d="M4.5 11v2M8 11v2M11.5 11v2"/>',
  "minus-circle": `${CIRCLE}<path d="M5.5 8h5"/>`,
  network: `${CIRCLE}<path d="M2 8h12M8 2v12"/>`,
  pause: '<path d="M5.5 3v10M10.5 3v10"/>',
  pencil: '<path d="M3 13l.7-3L11 2.7 13.3 5 6 12.3z"/>',
  play: '<path d="M5 3l8 5-8 5z"/>',
  plus: '<path d="M8 3v10M3 8h10"/>',
  power: '<path d="M8 2v6M4.5 4.5a5 5 0 1 0 7 0"/>',
  "question-mark-circle": `${CIRCLE}<path d="M6.2 6.5a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.2M8 11v.1"/>`,
  "save-document": '<path d="M4 2h6l3 3v9H4zM6 14V9h5v5"/>',
  "shield-01": '<path d="M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4z"/>',
  star: '<path d="M8 2l1.8 4 4.2.4-3.2 2.9 1 4.2L8 11.3 4.2 13.5l1-4.2L2 6.4 6.2 6z"/>',
  stars: '<path d="M6.5 4l1.2 3.3L11 8.5 7.7 9.7 6.5 13 5.3 9.7 2 8.5l3.3-1.2zM12 2v3M10.5 3.5h3"/>',
  stop: '<rect x="3.5" y="3.5" width="9" height="9" rx="1.5"/>',
  tag: '<path d="M2.5 2.5h5.5l5.5 5.5-5.5 5.5L2.5 8zM5.5 5.5h.1"/>',
  terminal: '<rect x="2" y="3" width="12" height="10" rx="1.5"/><path d="M4.5 6l2 2-2 2M8.5 10h3"/>',
  trash: '<path d="M2.5 4.5h11M6 4V2.5h4V4M4 4.5l.6 9h6.8l.6-9"/>',
  upload: '<path d="M8 10.5v-8M4.5 6L8 2.5 11.5 6M2.5 13.5h11"/>',
  warning: '<path d="M8 2.5l6 10.5H2zM8 6.5v3M8 11.3v.1"/>',
  "wrench-screwdriver": '<path d="M3 13l6-6M10 2a3.5 3.5 0 0 0-2 5l1 1a3.5 3.5 0 0 0 5-2"/>',
  "x-mark-circle": `${CIRCLE}<path d="M6 6l4 4M10 6l-4 4"/>`,
};

const UNDRAWN =
  '<rect x="3" y="3" width="10" height="10" rx="3"/><circle cx="8" cy="8" r="1.5" fill="currentColor" stroke="none"/>';

/** SVG of a Raycast icon name, in the current colour. */
export function glyph(icon: string): string {
  const drawing = GLYPHS[icon.replace(/-16$/, "")] ?? UNDRAWN;
  return `<svg class="glyph" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">${drawing}</svg>`;
}
