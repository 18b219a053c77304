import { isWithin, parseAddressRange } from './address-range.js';

const within = (range: string, address: string): boolean => isWithin([parseAddressRange(range)!], address);

describe('address ranges', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.7/24', '192.0.2.200', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    // A socket that listens on IPv6 shows IPv4 peers in this form.
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['::/0', '10.1.2.3', false],
    ['10.0.0.0/8', 'unknown', false],
    ['10.0.0.0/8', '', false],
  ])('the range %s contains %s: %s', (range, address, expected) => {
    expect(within(range, address)).toBe(expected);
  });

  it.each([
    '',
    'everyone',
    '10.1',
    '0x7f.0.0.1',
    '10.0.0.0/33',
    '2001:db8::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    ' ::1',
  ])('the text "%s" is not an address range', (text) => {
    expect(parseAddressRange(text)).toBeNull();
  });
});
