import type { Job } from "../../service/src/contract/jobs.ts";

/** Waits for the end of a job, whatever it is: following its log ends with it. */
export async function jobEnd(address: string, { id }: Job): Promise<{ readonly job: Job; readonly log: string }> {
  const followed = await fetch(`${address}/api/jobs/${id}/logs?follow=true`);
  const log = await followed.text();
  const job = (await (await fetch(`${address}/api/jobs/${id}`)).json()) as Job;
  return { job, log };
}
