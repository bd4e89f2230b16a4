/** What Raycast's named colours look like on its two windows. */
export const COLORS = {
  dark: {
    "raycast-blue": "#56c2ff",
    "raycast-green": "#59d499",
    "raycast-magenta": "#e5539b",
    "raycast-orange": "#ff9f43",
    "raycast-purple": "#b58bff",
    "raycast-red": "#ff6363",
    "raycast-yellow": "#ffc531",
    "raycast-primary-text": "#f3f3f5",
    "raycast-secondary-text": "#97979f",
  },
  light: {
    "raycast-blue": "#0a78d6",
    "raycast-green": "#0a7f57",
    "raycast-magenta": "#b01e72",
    "raycast-orange": "#c45f00",
    "raycast-purple": "#6d3fd1",
    "raycast-red": "#c92a2a",
    "raycast-yellow": "#a67400",
    "raycast-primary-text": "#1b1b1f",
    "raycast-secondary-text": "#77777f",
  },
} as const;
