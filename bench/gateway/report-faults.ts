import { cancelWhole, describe, engineDown, faults, look } from "./faults.ts";
import type { Fault, Verdict } from "./faults.ts";
import type { Contender } from "./contender.ts";
import { names } from "./contender.ts";

/** Every fault at every contender. @returns how many of them this service does not meet well. */
export async function reportFaults(
  contenders: readonly Contender[],
  engineUrl: string,
  endEngine: () => Promise<void>,
): Promise<number> {
  const marks = new Map<string, Verdict[]>(contenders.map(({ name }) => [name, []]));
  console.log("\nWhat a client sees when something goes wrong");
  const tell = (what: string, seen: readonly { name: string; text: string; verdict: Verdict }[]): void => {
    console.log(`\n${what}`);
    for (const { name, text, verdict } of seen) {
      marks.get(name)!.push(verdict);
      console.log(`  ${verdict.isGood ? "good" : "BAD "}  ${name.padEnd(12)} ${text}: ${verdict.why}`);
    }
  };
  const compare = async (fault: Fault): Promise<void> => {
    const seen = await Promise.all(contenders.map((contender) => look(contender, fault)));
    const rows = contenders.map(({ name }, index) => {
      const one = seen[index]!;
      return { name, text: describe(one), verdict: fault.judge(one) };
    });
    tell(fault.what, rows);
  };
  for (const fault of faults) await compare(fault);
  const cancelled: { name: string; text: string; verdict: Verdict }[] = [];
  for (const contender of contenders) {
    const { seen, verdict } = await cancelWhole(contender, engineUrl);
    cancelled.push({ name: contender.name, text: seen, verdict });
  }
  tell("the client cancels a whole answer", cancelled);
  await endEngine();
  for (const fault of engineDown) await compare(fault);
  console.log("");
  for (const [name, verdicts] of marks) {
    const met = verdicts.filter(({ isGood }) => isGood).length;
    console.log(`  ${name.padEnd(14)} ${met} of ${verdicts.length} met well`);
  }
  return marks.get(names.own)!.filter(({ isGood }) => !isGood).length;
}
