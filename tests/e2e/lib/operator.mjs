// What the operator of a portal reads: pages that are not routes, and the numbers among the metrics.
import assert from 'node:assert/strict';

export class Operator {
  constructor(client) {
    this.client = client;
  }

  async page(path) {
    const answer = await this.client.request('GET', path, { absolute: true, unchecked: true });
    assert.equal(answer.status, 200, answer.text);
    return answer;
  }

  metrics() {
    return this.page('/server/metrics');
  }

  /** The number behind `name{labels}`; undefined when there is no such line. */
  async metric(line) {
    const { text } = await this.metrics();
    const found = text.split('\n').find((one) => one.startsWith(`${line} `));
    return found && Number(found.slice(line.length + 1));
  }
}
