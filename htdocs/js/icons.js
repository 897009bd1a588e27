// Drawings of 24 by 24, outlines only. In the code, so that they are there without a connection too.
const circle = (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0-${2 * r} 0`;

export const ICONS = {
  again: 'M20 12a8 8 0 1 1-2.3-5.6M20.5 3v4.5H16',
  alert: 'M12 3 2.5 20h19zM12 10v4.5M12 17.2v.1',
  back: 'm15 5-7 7 7 7',
  check: `${circle(12, 12, 9.5)}M7.5 12.5l3 3 6-6.5`,
  clock: `${circle(12, 12, 9.5)}M12 6.5V12l3.5 2.5`,
  document: 'M6 2.5h8.5L19 7v14.5H6zM14 2.5v5h5M9 12h7M9 16h7',
  download: 'M12 3v12M7 10.5l5 5 5-5M4 20.5h16',
  eye: `M1.5 12S5.5 5 12 5s10.5 7 10.5 7-4 7-10.5 7S1.5 12 1.5 12z${circle(12, 12, 3)}`,
  forward: 'm9 5 7 7-7 7',
  image: `M3 4h18v16H3zm.5 14 5.5-5 3.5 3 3.5-4 5 5${circle(8.5, 9.5, 1.8)}`,
  inbox: 'M3 13.5 6 4.5h12l3 9v6H3zH8.5l1.5 2.5h4l1.5-2.5H21',
  info: `${circle(12, 12, 9.5)}M12 11v6M12 7.3v.1`,
  key: `${circle(7.5, 15.5, 4.5)}M11 12l9.5-9.5M16 7l3.5 3.5`,
  person: `${circle(12, 8, 4.5)}M3.5 21c.6-4.6 4-7 8.5-7s7.9 2.4 8.5 7`,
  phone: 'M9 2h6a2.5 2.5 0 0 1 2.5 2.5v15A2.5 2.5 0 0 1 15 22H9a2.5 2.5 0 0 1-2.5-2.5v-15A2.5 2.5 0 0 1 9 2zM11 18.5h2',
  slip: 'M5 2.5h14v19l-3.5-2-3.5 2-3.5-2-3.5 2zM8.5 7.5h7M8.5 11.5h7',
};
