// Lists that stay current while a page is open. The socket is opened a while after the page, and only where it is looked at.
import { useEffect, useRef, useState } from "react";
import { DOCUMENTS } from "./generated.js";
import { patch, reread } from "./core.js";

const LOOKED_AT = 3000;
const SPREAD = 4000;

/** Follow a document's subscription while the page is looked at; `told` gets each event. */
function useFeed(name, variables, told, when = true) {
  const heard = useRef(told);
  heard.current = told;
  const key = JSON.stringify(variables);
  useEffect(() => {
    if (!when) return undefined;
    let leave = null;
    let gone = false;
    const begin = async () => {
      const { follow } = await import("./live.js");
      if (!gone) leave = follow(DOCUMENTS[name].id, variables, (event) => heard.current(event));
    };
    const timer = setTimeout(begin, LOOKED_AT);
    return () => {
      gone = true;
      clearTimeout(timer);
      leave?.();
    };
  }, [name, key, when]);
}

const isFor = (news, street) => !street || !news.street || news.street.code === street;
function published(data, variables, news) {
  const { edges, pageInfo } = data.messagesNews;
  if (!isFor(news, variables.street) || edges.some((edge) => edge.node.id === news.id)) return data;
  return { ...data, messagesNews: { edges: [{ cursor: "", node: news }, ...edges].slice(0, variables.first), pageInfo } };
}
function withdrawn(data, id) {
  const edges = data.messagesNews.edges.filter((edge) => edge.node.id !== id);
  return { ...data, messagesNews: { ...data.messagesNews, edges } };
}

/** 公告: what is published is on top of every list of it at once, what is withdrawn is gone; said to screen readers. */
export function NewsFeed({ street = "" }) {
  const [latest, setLatest] = useState("");
  useFeed("MessagesNewsChanges", street ? { street } : {}, ({ change, id, news }) => {
    if (change === "PUBLISHED" && news) {
      patch("MessagesNews", (data, variables) => published(data, variables, news));
      setLatest(news.title);
    } else if (change === "WITHDRAWN") {
      patch("MessagesNews", (data) => withdrawn(data, id));
      reread("MessagesOneNews");
    } else if (change === "READY") {
      reread("MessagesNews");
    } else if (change === "RESYNC") {
      setTimeout(() => reread("MessagesNews", "MessagesOneNews"), Math.random() * SPREAD); // all phones are told at once
    }
  });
  return <p className="sr" role="status">{latest}</p>;
}

const sum = (things) => things.reduce((total, one) => total + one.remaining, 0);
function changed(data, slot) {
  const doctor = data.healthcareDoctor;
  const days = doctor?.days.map((one) => {
    if (one.day !== slot.day) return one;
    const slots = one.slots.map((each) => (each.id === slot.id ? { ...each, ...slot } : each));
    return { ...one, slots, remaining: sum(slots.filter((each) => each.status === "FREE")) };
  });
  return doctor ? { ...data, healthcareDoctor: { ...doctor, days, remaining: sum(days) } } : data;
}

/** A doctor's times, as others book them and give them back. */
export function SlotFeed({ doctor }) {
  useFeed("HealthcareSlotChanges", { doctor }, ({ change, slot }) => {
    if (change === "SLOT" && slot) patch("HealthcareDoctor", (data, { id }) => (id === doctor ? changed(data, slot) : data));
    else if (change === "READY") reread("HealthcareDoctor");
    else setTimeout(() => reread("HealthcareDoctor"), Math.random() * SPREAD);
  }, !!doctor);
  return null;
}
