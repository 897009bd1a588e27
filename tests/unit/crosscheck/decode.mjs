// Reads the lines of generate.py and prints, a JSON text per line, what codice-fiscale-js makes of each.
import { createInterface } from 'node:readline';
import { CodiceFiscale } from 'codice-fiscale-js';

// It drops letters with marks ("à" counts for nothing), so the marks are taken off before it is asked.
const plain = (name) => name.normalize('NFD').replace(/\p{M}/gu, '');

function decode(code) {
  if (!CodiceFiscale.check(code)) {
    return { valid: false };
  }
  try {
    const person = new CodiceFiscale(code);
    return {
      valid: true,
      year: person.year % 100,
      month: person.month,
      day: person.day,
      sex: person.gender,
      place: person.birthplace.cc,
    };
  } catch (error) {
    return { valid: true, error: error.message };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [code, first, last] = line.split('\t');
  const answer = decode(code);
  answer.first = first ? CodiceFiscale.nameCode(plain(first)) : null;
  answer.last = last ? CodiceFiscale.surnameCode(plain(last)) : null;
  console.log(JSON.stringify(answer));
}
