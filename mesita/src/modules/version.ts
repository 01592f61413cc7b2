/** Mesita's own, against which modules that name one are held. The packages have the same. */
export const mesitaVersion = '0.1.0';
