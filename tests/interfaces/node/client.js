// What OpenAI's own client for JavaScript gets from the API: `node client.js SCENARIO`, with BASE_URL and KEY in the
// environment, prints it as JSON for the test to judge.

import OpenAI from "openai";

const MODEL = "meeting-assistant";
const TRADE = [{ role: "user", content: "Trade?" }];

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.KEY, maxRetries: 0 });
const completions = client.chat.completions;

const scenarios = {
  async conversation() {
    const models = [];
    for await (const model of client.models.list()) models.push(model.id);
    const owner = (await client.models.retrieve(MODEL)).owned_by;
    const first = await completions.create({ model: MODEL, messages: TRADE, temperature: 0, user: "ana" });
    const system = { role: "system", content: "Be brief." };
    const messages = [system, ...TRADE, first.choices[0].message, { role: "user", content: "And investment?" }];
    const second = await completions.create({ model: MODEL, messages });
    return { models, owner, first, second };
  },

  async stream() {
    const chunks = [];
    const options = { model: MODEL, messages: TRADE, stream: true, stream_options: { include_usage: true } };
    for await (const chunk of await completions.create(options)) chunks.push(chunk);
    const gathered = await completions.stream({ model: MODEL, messages: TRADE }).finalChatCompletion();
    return { chunks, gathered };
  },

  async errors() {
    const asked = (content, more) => completions.create({ model: MODEL, messages: [{ role: "user", content }], ...more });
    return {
      empty: await refusal(asked(" ")),
      model: await refusal(client.models.retrieve("gpt-5")),
      late: await refusal(asked("late", { stream: true }).then(drained)),
    };
  },

  async keys() {
    const wrong = client.withOptions({ apiKey: "wrong" });
    const streamed = { model: MODEL, messages: TRADE, stream: true };
    return {
      list: await refusal(wrong.models.list()),
      stream: await refusal(wrong.chat.completions.create(streamed)),
      right: (await client.models.list()).data.map((model) => model.id),
    };
  },

  async abort() {
    const messages = [{ role: "user", content: "slow" }];
    const stream = await completions.create({ model: MODEL, messages, stream: true });
    const roles = [];
    for await (const chunk of stream) {
      roles.push(chunk.choices[0].delta.role);
      stream.controller.abort();
    }
    return { roles };
  },
};

async function drained(stream) {
  for await (const _ of stream);
}

async function refusal(work) {
  try {
    return { kept: await work };
  } catch (error) {
    const { status, code, type, message } = error;
    return { name: error.constructor.name, status, code, type, message };
  }
}

console.log(JSON.stringify(await scenarios[process.argv[2]]()));
