/**
 * Promise: every detector finds its kind of text and ignores similar text, in time that depends only on the length of
 * the text.
 */
import type { Detector } from './detector.js';
import { getDetector, type BuiltInDetectorId } from './registry.js';

const PEM_BODY =
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\nMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu';
const pem = (kind: string): string => `-----BEGIN ${kind}-----\n${PEM_BODY}\n-----END ${kind}-----`;
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJlLW9mLWl0';
const ours = (prefix: string): string => prefix + 'Ab3'.repeat(16) + 'x';

const FOUND: Record<BuiltInDetectorId, readonly string[]> = {
  credit_card: [
    '4111111111111111',
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '4222222222222', // 13 digits
    '5555 5555 5555 4444',
    '2223003122003222',
    '378282246310005',
    '3782 822463 10005',
    '6011111111111117',
    '30569309025904',
    '3530111333300000',
    '6200000000000005',
  ],
  email: ['anna@example.com', 'anna.muster+news@mail.example.co.uk', "o'neil_1@ex-ample.org", 'a@b.museum'],
  phone: [
    '+49 30 1234567',
    '+4915112345678',
    '+1 (415) 555-2671',
    '+44 20 7946 0958',
    '0049 151 12345678',
    '(415) 555-2671',
    '415-555-2671',
    '1-415-555-2671',
    '415.555.2671',
    '030/12345678',
    '0151 23456789',
    '020 7946 0958',
    '01 23 45 67 89',
  ],
  iban: [
    'DE89370400440532013000',
    'DE89 3704 0044 0532 0130 00',
    'GB29 NWBK 6016 1331 9268 19',
    'NO9386011117947',
    'MT84MALT011000012345MTLCAST001S',
    'de89370400440532013000',
  ],
  us_ssn: ['536-22-8726', '123 45 6789'],
  private_key: [
    pem('PRIVATE KEY'),
    pem('RSA PRIVATE KEY'),
    pem('OPENSSH PRIVATE KEY'),
    pem('PGP PRIVATE KEY BLOCK'),
    pem('EC PRIVATE KEY').replaceAll('\n', '\\n'),
  ],
  secret: [
    'AKIAIOSFODNN7EXAMPLE',
    `ghp_${'a1B2'.repeat(9)}`,
    `github_pat_${'11ABCDE0_'.repeat(5)}`,
    `xoxb-123456789012-abc${'DEF'.repeat(6)}`,
    'AIzaSyA-1234567890abcdefghijklmnopqrstu',
    `sk_live_${'4eC39HqLyjWD'.repeat(2)}`,
    `sk-ant-api03-${'aB3_'.repeat(20)}AA`,
    `sk-proj-${'aB3_'.repeat(20)}`,
    `sk-${'aB3d'.repeat(12)}`,
    ours('arch_'),
    ours('arch_api_'),
    ours('llm_secret_'),
    ours('llm_ut_'),
    TOKEN,
  ],
};

const PASSED: Record<BuiltInDetectorId, readonly string[]> = {
  credit_card: [
    '4111111111111112', // check digit
    '41111111111111111111', // within a longer number
    '1234567812345670', // no issuer uses it, although the check digit is right
    'x4111111111111111',
    '4111111111111111a',
    '0.4111111111111111',
    '4111 1111-1111 1111',
    '1111 1111 1111 1117',
    'id_4111111111111111',
    '411111111111111', // 15 digits: not Visa's
  ],
  email: [
    '@nestjs/common',
    'anna@localhost',
    'icon@2x.png',
    'git@github.example:group/project',
    'a@b..com',
    'a @ b.com',
    'anna@-x.com',
    'v1@1.2.3',
    'a@@b.com',
  ],
  phone: [
    '2024-05-17 10:30',
    '17.05.2024 12:30',
    '1700000000',
    '192.168.100.200',
    '550e8400-e29b-41d4-a716-446655440000',
    '4111 1111 1111 1111',
    '+10000000',
    '1 000 000 000',
    'gpt-415-555-2671',
    '015-1',
    '3.14159265358979',
    'C++ 2023',
    '12+34567890',
  ],
  iban: [
    'DE89370400440532013001',
    'DE8937040044053201300',
    'XX89370400440532013000',
    'DE893704004405320130001',
    'is 20 of them',
    'ADE89370400440532013000',
  ],
  us_ssn: [
    '000-12-3456',
    '666-12-3456',
    '900-12-3456',
    '123-00-4567',
    '123-45-0000',
    '123-45 6789',
    '1123-45-6789',
    '123-45-67890',
    '078-05-1120',
    '12-123-45-6789',
    '123456789',
  ],
  private_key: [pem('PUBLIC KEY'), pem('CERTIFICATE'), '-----BEGIN', 'the words PRIVATE KEY alone'],
  secret: [
    'AKIAIOSFODNN7EXAMPL',
    'AKIAIOSFODNN7EXAMPLEX',
    'sk-learn-is-a-library-for-machine-learning',
    'ghp_short',
    'eyJhbGciOiJIUzI1NiJ9 alone',
    'task-1234567890abcdefghijklmnopqrstuvwxyz12',
    'llm_oauth_5f8d1c2b3a4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3',
    'xoxo-hugs-and-kisses-to-all-of-you',
  ],
};

const detector = (id: BuiltInDetectorId | 'pattern', pattern?: string): Detector =>
  getDetector({ name: 'own', detector: id, ...(pattern === undefined ? {} : { pattern }) });
const texts = (by: Detector, text: string): string[] => by.find(text).map(({ start, end }) => text.slice(start, end));

const each = (cases: Record<string, readonly string[]>): [BuiltInDetectorId, string][] =>
  Object.entries(cases).flatMap(([id, list]) =>
    list.map((text): [BuiltInDetectorId, string] => [id as BuiltInDetectorId, text]),
  );

describe('a built-in detector', () => {
  it.each(each(FOUND))('the detector %s finds %j in any surrounding text', (id, text) => {
    const by = detector(id);
    for (const around of [
      ['', ''],
      ['It is ', '. And so on'],
      ['("', '")'],
      ['x\n', '\nx'],
      ['{"a":"', '"}'],
    ] as const)
      expect([around, texts(by, around.join(text))]).toEqual([around, [text]]);
  });

  it.each(each(FOUND))('the detector %s finds two occurrences of %j', (id, text) => {
    expect(texts(detector(id), `first ${text}; then ${text}, done`)).toEqual([text, text]);
  });

  it.each(each(PASSED))('the detector %s ignores %j', (id, text) => {
    const by = detector(id);
    expect(texts(by, text)).toEqual([]);
    expect(texts(by, `It is ${text}, or not`)).toEqual([]);
  });

  it.each(each(FOUND))('the detector %s keeps the text open while %j is incomplete', (id, text) => {
    const by = detector(id);
    for (let length = 1; length < text.length; length++)
      expect([length, by.findOpenStart(`So: ${text.slice(0, length)}`) <= 4]).toEqual([length, true]);
    const prose = `So: ${text}. The quick brown fox jumps over the lazy dog. `;
    expect(by.findOpenStart(prose)).toBeGreaterThan(4 + text.length);
  });

  it('the secret detector finds AWS secrets by the name before them', () => {
    const key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
    for (const before of ['aws_secret_access_key = ', '"SecretAccessKey": "', 'AWS_SECRET_ACCESS_KEY='])
      expect(texts(detector('secret'), `${before}${key}\n`)).toEqual([key]);
    expect(texts(detector('secret'), `commit ${key}`)).toEqual([]);
  });

  it('the SSN detector finds numbers without hyphens after the word SSN', () => {
    expect(texts(detector('us_ssn'), 'My SSN is 536228726.')).toEqual(['536228726']);
  });

  it('the card detector finds a card after another number', () => {
    expect(texts(detector('credit_card'), 'order 12 4111 1111 1111 1111 of 2024')).toEqual(['4111 1111 1111 1111']);
  });

  it('the private key detector matches a key without its end', () => {
    expect(texts(detector('private_key'), `-----BEGIN PRIVATE KEY-----\n${PEM_BODY}`)).toHaveLength(1);
  });
});

describe('search time', () => {
  const MEGABYTE = 1_000_000;
  const filled = (unit: string): string => unit.repeat(Math.ceil(MEGABYTE / unit.length));
  const HOSTILE = [
    '4',
    '4 ',
    '4-',
    '1234 ',
    'a',
    'a.',
    'a@',
    '@',
    'a.a@',
    'aaaa-',
    '+1',
    '(',
    '(0',
    'DE89',
    'DE89 ',
    'DE12 3',
    '12-',
    '123-45-',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    '-',
    'sk-',
    '-eyJ',
    'eyJ.',
    '.eyJaaaaaaaa',
    'AKIA',
    'secret key',
    'ssn ',
    'https://hooks.slack.com/services/',
    'x',
    ' ',
    '\n',
    'ä',
    '😀',
  ];
  // CPU time, which other programs on the machine do not affect. The slowest detector needs about ten milliseconds; a
  // search that grows with the square of the text needs minutes.
  const MAX_CPU_MS = 2_000;

  function cpuMs(search: () => unknown): number {
    const before = process.cpuUsage();
    search();
    return process.cpuUsage(before).user / 1000;
  }

  it.each(Object.keys(FOUND) as BuiltInDetectorId[])(
    'one megabyte of hostile text takes the detector %s less than two seconds',
    (id) => {
      const by = detector(id);
      for (const unit of HOSTILE) {
        const text = filled(unit);
        const spent = cpuMs(() => [by.find(text), by.findOpenStart(text)]);
        expect([unit, spent < MAX_CPU_MS]).toEqual([unit, true]);
      }
    },
  );

  it.each(['(a+)+$', '(x+x+)+y', '(a|aa)+b', 'a*b|a', '(.*)(.*)(.*)=', '([a-z]{1,8}){1,8}!'])(
    'the pattern %s searches a megabyte of hostile text in linear time',
    (pattern) => {
      const by = detector('pattern', pattern);
      for (const unit of ['a', 'x', 'aaaaaaab ', 'abc ']) {
        const text = filled(unit);
        const spent = cpuMs(() => [by.find(text), by.findOpenStart(text)]);
        expect([unit, spent < 5 * MAX_CPU_MS]).toEqual([unit, true]);
      }
    },
  );
});
