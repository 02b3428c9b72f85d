"""What a guard's phone keeps of codes that were read without a network: sealed, until it is settled."""

from __future__ import annotations

import json

from playwright.async_api import Page

KEPT = """() => new Promise((resolve) => {
    const asked = indexedDB.open("haian.unsettled", 1);
    asked.onsuccess = () => {
        const all = asked.result.transaction("scans").objectStore("scans").getAll();
        all.onsuccess = () => (asked.result.close(), resolve(all.result.map(
            (scan) => ({ ...scan, iv: [...scan.iv], sealed: [...new Uint8Array(scan.sealed)] }))));
    }; })"""
KEEP = """(kept) => new Promise((resolve) => {
    const asked = indexedDB.open("haian.unsettled", 1);
    asked.onsuccess = () => {
        const change = asked.result.transaction("scans", "readwrite");
        for (const scan of kept) change.objectStore("scans").put(
            { ...scan, iv: new Uint8Array(scan.iv), sealed: new Uint8Array(scan.sealed).buffer }, scan.key);
        change.oncomplete = () => (localStorage.setItem("haian.unsettled", "1"), asked.result.close(), resolve());
    }; })"""


async def nothing_sealed_on(page: Page) -> bool:
    return await sealed_on(page) == 0


async def sealed_on(page: Page) -> int:
    """How many scans wait on a phone, whoever's they are; none of them can be read there."""
    kept = await page.evaluate("""() => new Promise((resolve) => {
        const asked = indexedDB.open("haian.unsettled", 1);
        asked.onsuccess = () => {
            const all = asked.result.transaction("scans").objectStore("scans").getAll();
            all.onsuccess = () => (asked.result.close(), resolve(all.result.map((scan) => Object.entries(scan).map(
                ([name, value]) => [name, typeof value === "object" ? value.constructor.name : value]))));
        }; })""")
    assert all(dict(scan).keys() == {"key", "who", "at", "iv", "sealed"} for scan in kept)
    assert "H2:" not in json.dumps(kept)
    return len(kept)
