export default {
  extends: 'stylelint-config-standard',
  rules: {
    'color-hex-length': 'long',
    'media-feature-range-notation': 'prefix', // the other form is newer than many a patient's phone
    'no-descending-specificity': null, // print and large letters come last on purpose
    'property-no-vendor-prefix': [true, { ignoreProperties: ['text-size-adjust'] }],
  },
};
