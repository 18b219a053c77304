import { ParsedObject } from '../../providers/json/editable-object.js';
import { GOOGLE_TOOL_NAMES, type ToolNameRule } from '../../providers/contract/tool-name-rule.js';
import { ToolNameRestoration } from './native-response.js';
import { renameTools } from './request.js';
import { VendorToolNames } from './vendor-names.js';

const RULE: ToolNameRule = { maxChars: 64, refused: /[^A-Za-z0-9_-]/g };
const LONG = 'a'.repeat(65);
const namesOf = (names: readonly string[], rule = RULE): VendorToolNames => VendorToolNames.create(names, rule)!;

describe('VendorToolNames', () => {
  it('accepted tool names need no replacement', () => {
    expect(VendorToolNames.create(['a', 'b-c_1', 'a'.repeat(64)], RULE)).toBeNull();
    expect(VendorToolNames.create([LONG, 'ä'], null)).toBeNull();
  });

  it.each([LONG, `${LONG}b`, 'a.b', 'a b', 'größe', '👋'])('the tool name %s is replaced and restored', (name) => {
    const names = namesOf([name, 'other']);
    const vendorName = names.getVendorName(name);
    expect(vendorName).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(names.getOriginal(vendorName)).toBe(name);
    expect([names.getVendorName('other'), names.getOriginal('other')]).toEqual(['other', 'other']);
  });

  it('the replacement of a name does not depend on the other tools', () => {
    expect(namesOf(['x.y', LONG]).getVendorName(LONG)).toBe(namesOf([LONG]).getVendorName(LONG));
  });

  it('replacements differ from each other and from unchanged names', () => {
    const taken = namesOf([LONG]).getVendorName(LONG);
    const names = namesOf([LONG, `${LONG}b`, 'a.b', 'a/b', taken]);
    const all = [LONG, `${LONG}b`, 'a.b', 'a/b', taken].map((name) => names.getVendorName(name));
    expect(new Set(all).size).toBe(5);
    expect(names.getVendorName(taken)).toBe(taken);
    expect(all.map((name) => names.getOriginal(name))).toEqual([LONG, `${LONG}b`, 'a.b', 'a/b', taken]);
  });

  it.each(['1st', '-x', `9${LONG}`])('the replacement of %s begins as Google requires', (name) => {
    expect(namesOf([name], GOOGLE_TOOL_NAMES).getVendorName(name)).toMatch(/^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/);
  });
});

describe('renameTools', () => {
  it('renameTools ignores the name of a participant and values that are not text', () => {
    const request = { messages: [{ role: 'user', name: LONG }], tools: [{ function: { name: 3 } }, null, 'x'] };
    expect(renameTools(new ParsedObject(request), 'chat', RULE)).toBeNull();
  });
});

describe('ToolNameRestoration', () => {
  const names = namesOf(['say "é"']);
  const standIn = names.getVendorName('say "é"');
  const restored = new ToolNameRestoration(names);

  it('a restoration replaces whole JSON strings only', () => {
    const text = `{"name":"${standIn}","text":"say \\"${standIn}\\" or ${standIn}","é":1}`;
    expect(restored.restore(Buffer.from(text)).toString()).toBe(
      `{"name":"say \\"é\\"","text":"say \\"${standIn}\\" or ${standIn}","é":1}`,
    );
    const untouched = Buffer.from('{"name":"x"}');
    expect(restored.restore(untouched)).toBe(untouched);
  });

  it('a restoration finds names in a stream cut anywhere and delays no complete line', () => {
    const text = `data: {"name":"${standIn}"}\n\ndata: [DONE]\n\n`;
    for (let cut = 1; cut < text.length; cut++) {
      const stream = restored.createFilter();
      const first = Buffer.from(stream.push(Buffer.from(text.slice(0, cut)))).toString();
      expect(first.split('\n').length).toBe(text.slice(0, cut).split('\n').length);
      const all = [first, stream.push(Buffer.from(text.slice(cut))), stream.end()].map((part) => Buffer.from(part));
      expect(Buffer.concat(all).toString()).toBe(text.replace(standIn, 'say \\"é\\"'));
    }
  });
});
