"""演示数据: news of the last days."""

from __future__ import annotations

from datetime import timedelta

from haian.call import Platform
from haian.demo import DemoSize, demo_id

NEWS = (
    ("NOTICE", None, "社区共享车位试点开放预约", "即日起，居民可以把白天空闲的车位分享给邻居。在“车位共享”里选择社区和时间，凭车牌预约。本条为演示数据。"),
    ("HEALTH", None, "冬季流感疫苗开始接种", "老年人和儿童优先。请先在“预约挂号”里选择时段，按时前往，减少等候。本条为演示数据。"),
    ("TRAFFIC", "370211005", "长江路夜间道路养护提示", "本周五 22:00 至次日 5:00，长江路部分路段施工，请绕行。本条为演示数据。"),
    ("EDUCATION", None, "中小学家校通知统一到人人通", "班级通知在“人人通”里查看和确认，不再要求打卡接龙。本条为演示数据。"),
    ("WEATHER", None, "大风降温天气提醒", "预计明后两天海上阵风 8 级，请注意防寒，减少到岸边活动。本条为演示数据。"),
    ("NOTICE", "370211007", "灵山卫街道便民服务点调整", "服务点搬到社区一楼大厅，工作日 8:30 至 17:00。本条为演示数据。"),
)


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """The newest is of this morning; they move on with the days."""
    now = platform.clock.now()
    rows = [(demo_id(f"news:{i}"), demo_id("organisation:district"), demo_id("citizen:editor"), street, topic, title, body,
             now - timedelta(hours=3 + 20 * i)) for i, (topic, street, title, body) in enumerate(NEWS)]
    async with platform.db.writing_as("messages") as connection:
        await connection.executemany(
            """INSERT INTO messages.news (id, organisation_id, author_id, street, topic, title, body, published_at, demo)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, true)
               ON CONFLICT (id) DO UPDATE SET published_at = excluded.published_at""", rows)
