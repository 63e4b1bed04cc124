// What a camera wrote into a photo (time and place) survives the shrinking: its EXIF is carried over, set upright.
const [SOI, APP1, SOS, ORIENTATION] = [0xffd8, 0xffe1, 0xffda, 0x0112];
const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0];
const HEAD_BYTES = 262_144;

/** Return the EXIF segment of a JPEG's first bytes with the orientation set to upright, or null. */
export function exifOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== SOI) return null;
  for (let at = 2; at + 4 <= view.byteLength;) {
    const [marker, length] = [view.getUint16(at), view.getUint16(at + 2)];
    const end = at + 2 + length;
    if (marker === SOS || (marker & 0xff00) !== 0xff00 || length < 2 || end > view.byteLength) return null;
    if (marker === APP1 && EXIF.every((byte, index) => bytes[at + 4 + index] === byte)) return upright(bytes.slice(at, end));
    at = end;
  }
  return null;
}

function upright(segment) {
  const view = new DataView(segment.buffer);
  const tiff = 10;
  try {
    const little = view.getUint16(tiff) === 0x4949;
    const first = tiff + view.getUint32(tiff + 4, little);
    for (let index = 0; index < view.getUint16(first, little); index += 1) {
      const tag = first + 2 + index * 12;
      if (view.getUint16(tag, little) === ORIENTATION) view.setUint16(tag + 8, 1, little);
    }
  } catch (error) {
    if (error instanceof RangeError) return null; // a camera that writes nonsense: better no facts than wrong ones
    throw error;
  }
  return segment;
}

/** Return a shrunk JPEG with the EXIF of the file it was made from, where that has one. */
export async function withExif(file, shrunk) {
  const segment = exifOf(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  return segment ? new Blob([shrunk.slice(0, 2), segment, shrunk.slice(2)], { type: 'image/jpeg' }) : shrunk;
}
