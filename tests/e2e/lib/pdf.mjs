// Small files of each accepted type, and some that only look like one.
import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** A valid one-page PDF (its table of offsets is right); no two are equal. */
export function makePdf(text = 'Referto di prova', padding = 0) {
  const line = `${text} ${randomBytes(8).toString('hex')}`.replace(/[()\\]/g, '').replace(/[^ -~]/g, '?');
  const stream = `BT /F1 12 Tf 72 770 Td (${line}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let body = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n';
  if (padding)
    body += `%${randomBytes(Math.ceil(padding / 2))
      .toString('hex')
      .slice(0, padding)}\n`;
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const start = body.length;
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`;
  body += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(body, 'latin1');
}

function crc32(data) {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

const uint32 = (value) => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
};

export function makePng() {
  const chunk = (type, data) => {
    const named = Buffer.concat([Buffer.from(type), data]);
    return Buffer.concat([uint32(data.length), named, uint32(crc32(named))]);
  };
  const header = Buffer.concat([uint32(1), uint32(1), Buffer.from([8, 2, 0, 0, 0])]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(`Comment\0${randomBytes(8).toString('hex')}`)),
    chunk('IDAT', deflateSync(Buffer.from([0, 255, 255, 255]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A grey JPEG of one pixel; no two are equal. */
export function makeJpeg() {
  const segment = (marker, data) => Buffer.concat([Buffer.from([0xff, marker, 0, data.length + 2]), data]);
  const codes = (kind) => Buffer.from([kind, 1, ...Array(15).fill(0), 0]); // one symbol, zero, of one bit
  return Buffer.concat([
    Buffer.from('ffd8', 'hex'),
    segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
    segment(0xfe, randomBytes(16)),
    segment(0xdb, Buffer.from([0, ...Array(64).fill(1)])),
    segment(0xc0, Buffer.from([8, 0, 1, 0, 1, 1, 1, 0x11, 0])),
    segment(0xc4, codes(0x00)),
    segment(0xc4, codes(0x10)),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from('3fffd9', 'hex'),
  ]);
}

/** DER with definite lengths. */
function der(tag, ...contents) {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 128
      ? Buffer.from([length])
      : length < 256
        ? Buffer.from([0x81, length])
        : Buffer.from([0x82, length >> 8, length & 255]);
  return Buffer.concat([Buffer.from([tag]), size, content]);
}

/** CMS SignedData around a document, without signers: what a .p7m looks like from outside. */
export function makeP7m(inner = makePdf('Referto firmato')) {
  const signedData = Buffer.from('06092a864886f70d010702', 'hex');
  const data = Buffer.from('06092a864886f70d010701', 'hex');
  const sha256 = der(0x30, Buffer.from('0609608648016503040201', 'hex'), Buffer.from('0500', 'hex'));
  const body = der(
    0x30,
    Buffer.from('020101', 'hex'),
    der(0x31, sha256),
    der(0x30, data, der(0xa0, der(0x04, inner))),
    der(0x31),
  );
  return der(0x30, signedData, der(0xa0, body));
}

/** A stored (uncompressed) zip of the files given: [[name, Buffer], …]. */
export function makeZip(files) {
  const local = [];
  const central = [];
  let offset = 0;
  for (const [name, data] of files) {
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const entry = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(
      Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), Buffer.from([20, 0]), fields, rest, Buffer.from(name)]),
    );
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** A DICOM file set as modalities export it: a DICOMDIR and one image, each with its 128-byte preamble. */
export function makeDicomZip() {
  const file = () => Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), randomBytes(64)]);
  return makeZip([
    ['DICOMDIR', file()],
    ['IMAGES/IM00001', file()],
  ]);
}

export const makeHtml = () =>
  Buffer.from(`<!DOCTYPE html><html><script>alert(1)</script>${randomBytes(8).toString('hex')}</html>`);
