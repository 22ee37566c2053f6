export const headline = 'Launch day is Friday';
