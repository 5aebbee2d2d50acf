/** How a message's bytes are to be read: the number that travels beside them (0…15). */

/** The bytes themselves, as a Buffer. */
export const CODEC_BYTES = 0;
/** A value (see tokens.ts). */
export const CODEC_VALUE = 1;
/** A value in which something stands in several places, so that the reader keeps track of what it made. */
export const CODEC_LINKED_VALUE = 2;
/** A string of characters up to U+00FF, a byte each. */
export const CODEC_ONE_BYTE_STRING = 3;
/** Any other string, as UTF-16LE: lone surrogates survive. */
export const CODEC_TWO_BYTE_STRING = 4;
