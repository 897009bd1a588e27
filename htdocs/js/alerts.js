/** ['sms', 'mail']: the ways by which an account hears of new reports, of those it wants. */
export const alertWays = ({ alerts, email }) =>
  ['sms', 'mail'].filter((way) => alerts[way] && (way === 'sms' || email));
